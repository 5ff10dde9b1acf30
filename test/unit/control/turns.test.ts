import assert from "node:assert/strict";
import { Turns } from "../../../src/control/turns.js";

/** Work that ends when it is told. */
function work(log: string[], name: string) {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const run = async () => {
    log.push(`${name} begins`);
    await ended;
    log.push(`${name} ends`);
    return name;
  };
  return { run, end };
}

describe("control/turns", () => {
  it("does what is for one key one after another, in order, and what is for another at once", async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const [a, b, other] = ["a", "b", "other"].map((name) => work(log, name));
    assert.ok(a && b && other);
    const done = [turns.take("x", a.run), turns.take("x", b.run), turns.take("y", other.run)];
    for (const { end } of [other, b, a]) end();
    assert.deepEqual(await Promise.all(done), ["a", "b", "other"]);
    const ofX = log.filter((line) => !line.startsWith("other"));
    assert.deepEqual(ofX, ["a begins", "a ends", "b begins", "b ends"]);
    assert.ok(log.indexOf("other begins") < log.indexOf("b begins"));
  });

  it("goes on after work that failed, which fails only for whoever wanted it", async () => {
    const turns = new Turns<string>();
    const failed = turns.take("x", () => Promise.reject(new Error("no")));
    const after = turns.take("x", () => Promise.resolve("done"));
    await assert.rejects(failed, { message: "no" });
    assert.equal(await after, "done");
  });

  it("is free when all that waited is done", async () => {
    const turns = new Turns<string>();
    const log: string[] = [];
    const [a, b] = [work(log, "a"), work(log, "b")];
    const all = [turns.take("x", a.run), turns.take("x", b.run)];
    const free = turns.free("x").then(() => log.push("free"));
    a.end();
    b.end();
    await Promise.all([...all, free, turns.free("never")]);
    assert.equal(log.at(-1), "free");
  });
});
