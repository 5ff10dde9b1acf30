import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { findCycle } from "./import-cycle.js";
import { outsideRooms, packagePlaces, rooms } from "./rooms.js";
import { roomOf, sourceFiles } from "./source-file.js";

const files = sourceFiles("src");

/** One line for each fault, so that a failing test shows them all. */
function assertNone(faults: readonly string[]): void {
  assert.equal(faults.join("\n"), "");
}

function tableOfThePage(): { room: string; may: string }[] {
  const page = readFileSync("docs/ARCHITECTURE.md", "utf8");
  return [...page.matchAll(/^\| `(\w+)\/`[^|]*\|[^|]*\| ([^|]*) \|$/gmu)].map(([, room = "", may = ""]) => ({
    room,
    may,
  }));
}

describe("arch/imports", () => {
  it("knows every room, and no source lies outside of one", () => {
    const unknown = files.filter(({ path, room }) =>
      room === undefined ? !outsideRooms.includes(path) : !(room in rooms),
    );
    assertNone(unknown.map(({ path }) => `${path}: not in a room of test/arch/rooms.ts; put it into one`));
  });

  it("follows the table of rooms", () => {
    const faults = files.flatMap(({ path, room, imports }) =>
      imports.flatMap((imported) => {
        const other = roomOf(imported);
        const isAllowed =
          room === undefined || other === room || (other !== undefined && rooms[room]?.includes(other));
        return isAllowed
          ? []
          : [`${path} imports ${imported}: ${room} may import only ${rooms[room]?.join(", ") || "itself"}`];
      }),
    );
    assertNone(faults);
  });

  it("is the table that docs/ARCHITECTURE.md shows", () => {
    const above: string[] = [];
    const faults = tableOfThePage().flatMap(({ room, may }) => {
      const named = [...may.matchAll(/`(\w+)`/gu)].map(([, name = ""]) => name);
      const shown = may.startsWith("all above but") ? above.filter((one) => !named.includes(one)) : named;
      above.push(room);
      const isSame = may === "all" || shown.toSorted().join() === rooms[room]?.toSorted().join();
      return isSame
        ? []
        : [`${room}: the page says ${may}, the table ${rooms[room]?.join(", ") ?? "nothing"}`];
    });
    assertNone(faults);
    assert.deepEqual(above.toSorted(), Object.keys(rooms).toSorted());
  });

  it("makes new keys in one place only, or a process may come to wait for itself", () => {
    const others = files.filter(
      ({ path, room }) => room !== "keypair" && readFileSync(path, "utf8").includes("generateKeyPair"),
    );
    assertNone(others.map(({ path }) => `${path}: use keypair/`));
  });

  it("goes to another room through its index only", () => {
    const faults = files.flatMap(({ path, room, imports }) =>
      imports
        .filter(
          (imported) => roomOf(imported) !== room && imported !== `src/${roomOf(imported) ?? ""}/index.ts`,
        )
        .map(
          (imported) =>
            `${path} imports ${imported}: take it from that room's index.js, or add it to the room's face`,
        ),
    );
    assertNone(faults);
  });

  it("does not import its own room's index", () => {
    const faults = files.filter(
      ({ room, imports }) => room !== undefined && imports.includes(`src/${room}/index.ts`),
    );
    assertNone(
      faults.map(({ path }) => `${path}: import the file itself, or the index imports its importer`),
    );
  });

  it("imports each package in its one place", () => {
    const isNode = (name: string) => name.startsWith("node:");
    const faults = files.flatMap(({ path, packages }) =>
      packages
        .filter((name) => !isNode(name) && !isPlace(packagePlaces[name], path))
        .map(
          (name) =>
            `${path} imports ${name}: its place is ${String(packagePlaces[name] ?? "not named in test/arch/rooms.ts")}`,
        ),
    );
    assertNone(faults);
  });

  it("lets only tests and rooms import, never the other way around", () => {
    const faults = files.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => !imported.startsWith("src/"))
        .map((imported) => `${path} imports ${imported}: src/ stands alone`),
    );
    assertNone(faults);
  });

  it("has no cycle of files, here or among the tests", () => {
    const everything = [...files, ...sourceFiles("test")];
    const cycle = findCycle(new Map(everything.map(({ path, imports }) => [path, imports])));
    assert.equal(
      cycle?.join("\n-> "),
      undefined,
      "these files import each other: move what they share to a third",
    );
  });

  it("has no cycle of rooms", () => {
    assert.equal(findCycle(new Map(Object.entries(rooms)))?.join(" -> "), undefined);
  });
});

describe("arch/import-cycle", () => {
  const graph = (...edges: readonly [string, ...string[]][]) =>
    new Map(edges.map(([from, ...to]) => [from, to]));

  it("finds the way around, and nothing in a graph that meets again", () => {
    assert.deepEqual(findCycle(graph(["a", "b"], ["b", "c"], ["c", "b"])), ["b", "c", "b"]);
    assert.equal(findCycle(graph(["a", "b", "c"], ["b", "d"], ["c", "d"])), undefined);
  });
});

function isPlace(places: string | readonly string[] | undefined, path: string): boolean {
  if (places === undefined) return false;
  return [places].flat().some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));
}
