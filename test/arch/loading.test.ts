import assert from "node:assert/strict";
import { roomOf, sourceFiles } from "./source-file.js";

const loadsOf = new Map(sourceFiles("src").map(({ path, loads }) => [path, loads]));

/** All that is loaded with a file before a line of it runs: our files by their rooms, packages by their names. */
function loadedWith(path: string): string[] {
  const seen = new Set<string>();
  const visit = (one: string): void => {
    if (seen.has(one)) return;
    seen.add(one);
    loadsOf.get(one)?.forEach(visit);
  };
  visit(path);
  const names = [...seen].map((one) => roomOf(one) ?? one).filter((name) => !name.startsWith("node:"));
  return [...new Set(names)].sort();
}

/**
 * What a process loads before it does anything costs each of them half a second when nobody looks. Whoever needs more takes
 * it by `await import(…)` where it is needed.
 */
describe("arch/loading", () => {
  it("lists commands and prints help with next to nothing", () => {
    const loaded = loadedWith("src/cli/program.ts");
    assert.deepEqual(loaded, ["cli", "commander", "commands", "home", "wording"]);
  });

  it("asks the running bastion without the code that answers", () => {
    assert.deepEqual(loadedWith("src/cli/run-shared.ts"), ["cli", "commands", "home", "wording"]);
    const grants = loadedWith("src/commands/grants.ts");
    assert.deepEqual(grants, ["access", "commands", "wording"]);
  });

  it("serves without what only other processes need", () => {
    const needless = {
      "src/cli/serve/serve.ts": ["control", "recording", "evidence", "web", "hono", "ssh2"],
      "src/cli/internal/control-process.ts": ["web", "hono", "ssh2", "@xterm/headless"],
      "src/cli/internal/proxy-process.ts": [
        "access",
        "commands",
        "config",
        "control",
        "ledger",
        "@xterm/headless",
      ],
    };
    for (const [path, names] of Object.entries(needless))
      assert.deepEqual(
        loadedWith(path).filter((name) => names.includes(name)),
        [],
        path,
      );
  });

  for (const command of ["verify", "proof", "replay", "export", "cert-show"])
    it(`reads files without a bastion's code: ${command}`, () => {
      const loaded = loadedWith(`src/cli/offline/${command}.ts`);
      const needless = ["control", "web", "webhooks", "witness", "config", "zod", "hono", "pino"];
      assert.deepEqual(
        loaded.filter((name) => needless.includes(name)),
        [],
      );
    });
});
