import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../harness/temporary.js";

describe("cli/log", () => {
  it("goes on in its file when nobody reads stderr any more", async () => {
    const file = join(temporaryFolder(), "bascule.log");
    const module = new URL("../../../src/cli/log.js", import.meta.url).href;
    const script = `
      const { openLog } = await import(${JSON.stringify(module)});
      const log = openLog(${JSON.stringify(file)}, "test");
      process.stdin.once("end", () => {
        log.warn({}, "first");
        setTimeout(() => (log.warn({}, "second"), setTimeout(() => process.exit(0), 20)), 20);
      }).resume();`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    child.stderr.destroy();
    child.stdin.end();
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.match(readFileSync(file, "utf8"), /"first"[^]*"second"/u);
  });
});
