import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { programEnvironment, runProgram } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";

/** A project as small as can be around the real bootstrap, its compiler and program stubs. */
function project({ engines = ">=20" } = {}) {
  const root = temporaryFolder();
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("package.json", JSON.stringify({ type: "module", engines: { node: engines } }));
  put("package-lock.json", "{}");
  put("tsconfig.json", "{}");
  put("src/main.ts", "");
  put("node_modules/.package-lock.json", "{}");
  put("node_modules/typescript/bin/tsc", "require('fs').appendFileSync('compiled', '.')");
  put("dist/src/main.js", "console.log(...process.argv.slice(2)); process.exit(7);");
  mkdirSync(join(root, "bin"));
  symlinkSync(process.execPath, join(root, "bin/node"));
  cpSync("src/bootstrap.mjs", join(root, "src/bootstrap.mjs"));
  const start = (...args: string[]) => [join(root, "src/bootstrap.mjs"), ...args];
  const run = (env: Record<string, string>, ...args: string[]) =>
    runProgram(process.execPath, start(...args), { env });
  return { root, put, start, run };
}

describe("e2e/bootstrap", () => {
  it("hands over arguments and exit status, and says nothing itself", async () => {
    const { run } = project();
    const { status, stdout, stderr } = await run({}, "start", "--port", "0");
    assert.deepEqual([status, stdout.toString(), stderr], [7, "start --port 0\n", ""]);
  });

  it("compiles once for the same sources, and again after a change", async () => {
    const { root, put, run } = project();
    const compilations = async () => {
      await run({}, "demo");
      const { stdout } = await runProgram("/bin/cat", [join(root, "compiled")]);
      return stdout.length;
    };
    assert.deepEqual([await compilations(), await compilations()], [1, 1]);
    put("src/room/new.ts", "");
    assert.equal(await compilations(), 2);
  });

  it("removes what was compiled from a source that is gone", async () => {
    const { root, put, run } = project();
    put("dist/test/gone.test.js", "");
    await run({}, "start");
    assert.equal(existsSync(join(root, "dist/test/gone.test.js")), false);
    assert.equal(existsSync(join(root, "dist/src/main.js")), true);
  });

  for (const [name, prepare, env, line] of [
    [
      "another-node",
      { engines: "^18.0.0 || >=99" },
      {},
      /^bascule: Node [\d.]+ does not do: one of \^18\.0\.0 \|\| >=99 is needed\n$/,
    ],
    [
      "no-compiler",
      {},
      { PATH: "/nowhere" },
      /^bascule: building node-pty needs python3 make g\+\+; on Debian: apt-get install python3 make g\+\+\n$/,
    ],
  ] as const) {
    it(`says in one line: ${name}`, async () => {
      const { root, run } = project(prepare);
      utimesSync(join(root, "node_modules/.package-lock.json"), 1, 1);
      const { status, stderr } = await run({ ...env }, "start");
      assert.equal(status, 1);
      assert.match(stderr, line);
    });
  }

  it("says that the sources do not compile", async () => {
    const { put, run } = project();
    put("node_modules/typescript/bin/tsc", "console.log('main.ts(1,1): error'); process.exit(2);");
    const { status, stderr } = await run({}, "start");
    assert.equal(status, 1);
    assert.equal(stderr, "main.ts(1,1): error\nbascule: the sources do not compile; the reasons are above\n");
  });

  it("passes signals on, and ends as its program does", async () => {
    const { put, start } = project();
    put(
      "dist/src/main.js",
      "process.on('SIGTERM', () => process.exit(42)); console.log('up'); setInterval(() => undefined, 1000);",
    );
    const child = spawn(process.execPath, start("start"), { env: programEnvironment() });
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "close"), [42, null]);
  });
});
