import assert from "node:assert/strict";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { closeAfterwards } from "../../harness/closing.js";
import { descendants } from "../../harness/processes.js";
import { temporaryFolder } from "../../harness/temporary.js";

const program = fileURLToPath(new URL("../../../src/main.js", import.meta.url));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bascule(folder: string, ...args: readonly string[]): Run {
  const { PATH } = process.env;
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: "utf8", env: { PATH } });
}

/** A home made by `init`, on a port that is picked. */
function madeHome(): string {
  const home = join(temporaryFolder("cli"), "home");
  const made = bascule(".", "init", home);
  assert.equal(made.status, 0, made.stderr);
  edit(home, (text) =>
    text.replace("127.0.0.1:2222", "127.0.0.1:0").replace("home: .", "home: .\nproxies: 2"),
  );
  return home;
}

function edit(home: string, change: (text: string) => string): void {
  const path = join(home, "bascule.yaml");
  writeFileSync(path, change(readFileSync(path, "utf8")));
}

async function serving(home: string): Promise<{ child: ChildProcess; said: () => string }> {
  const args = [program, "serve", "--config", join(home, "bascule.yaml")];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, A_SECRET: "x" },
  });
  closeAfterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit");
  });
  let said = "";
  child.stderr.on("data", (bytes) => (said += String(bytes)));
  while (!said.includes("serving on")) {
    assert.equal(child.exitCode, null, said);
    await new Promise((wake) => setTimeout(wake, 20));
  }
  return { child, said: () => said };
}

describe("cli/init", function () {
  it("makes a home for its owner, and overwrites nothing", () => {
    const home = madeHome();
    assert.equal(statSync(home).mode & 0o777, 0o700);
    assert.equal(statSync(join(home, "keys/auditor.jwk")).mode & 0o777, 0o600);
    const before = readFileSync(join(home, "keys/user-ca"), "utf8");
    const again = bascule(".", "init", home);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /^bascule: .*there already; nothing was changed\n$/);
    assert.equal(readFileSync(join(home, "keys/user-ca"), "utf8"), before);
    assert.equal(bascule(".", "ca", "init", home).status, 1);
  });
});

describe("cli: what is wrong is said in a line, with its status", function () {
  for (const [row, args, status, says] of [
    ["no-home", ["sessions"], 2, /which bastion/],
    ["no-bastion", ["--home", "nowhere", "sessions"], 75, /no bastion answers/],
    ["no-config", ["serve", "--config", "nowhere.yaml"], 2, /nowhere\.yaml/],
    ["unknown-command", ["sesions"], 2, /Did you mean sessions/],
    ["unknown-option", ["sessions", "--nosuch", "--home", "x"], 2, /no option "--nosuch"/],
    ["no-such-file-to-verify", ["verify", "nowhere"], 4, /there is no nowhere/],
    ["no-such-certificate", ["cert", "show", "nowhere"], 4, /cannot read nowhere/],
    ["bad-speed", ["replay", "x.bsr", "--speed", "fast"], 2, /a factor such as 2/],
  ] as const) {
    it(row, () => {
      const run = bascule(temporaryFolder(), ...args);
      assert.equal(run.status, status, run.stderr);
      assert.match(run.stderr, says);
      assert.equal(run.stdout, "");
      assert.doesNotMatch(run.stderr, /\n {4}at /, "a stack trace");
    });
  }

  it("results that nobody reads, which is no failure, and ones that could not be written", async () => {
    const words = [program, "sessions", "--help"];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let said = "";
    child.stderr.on("data", (bytes) => (said += String(bytes)));
    assert.deepEqual([await once(child, "close"), said], [[0, null], ""]);
    const full = openSync("/dev/full", "w");
    const run = spawnSync(process.execPath, words, { stdio: ["ignore", full, "pipe"], encoding: "utf8" });
    closeSync(full);
    assert.deepEqual([run.status, run.stderr], [1, "bascule: ENOSPC: no space left on device, write\n"]);
  });

  it("a home that others can read", () => {
    const home = madeHome();
    chmodSync(home, 0o755);
    const run = bascule(".", "serve", "--config", join(home, "bascule.yaml"));
    assert.equal(run.status, 1);
    assert.match(run.stderr, /^bascule: .*can be read by others: run chmod 700 .*\n$/);
  });

  it("a taken port", async () => {
    const home = madeHome();
    const server = createServer().listen(0, "127.0.0.1");
    closeAfterwards(() => new Promise((closed) => server.close(closed)));
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    edit(home, (text) => text.replace("127.0.0.1:0", `127.0.0.1:${port}`));
    const run = bascule(".", "serve", "--config", join(home, "bascule.yaml"));
    assert.equal(run.status, 1);
    assert.match(run.stderr, /the port is taken/);
  });

  it("every mistake of a configuration, with its line", () => {
    const home = madeHome();
    edit(home, (text) => `${text}nosuch: 1\nproxy: 2\n`);
    const run = bascule(".", "serve", "--config", join(home, "bascule.yaml"));
    assert.equal(run.status, 2);
    assert.match(run.stderr, /bascule\.yaml:\d+: .*nosuch/);
    assert.match(run.stderr, /bascule\.yaml:\d+: .*proxy/);
  });
});

describe("cli/serve", function () {
  it("serves, keeps what dies running, reloads all or nothing, and stops in order", async () => {
    const home = madeHome();
    const { child, said } = await serving(home);
    const pid = child.pid ?? 0;
    const kinds = (kind: string) =>
      descendants(pid).filter(({ commandLine }) => commandLine.includes(`internal ${kind}`));
    assert.deepEqual([kinds("control").length, kinds("proxy").length], [1, 2]);

    const control = kinds("control")[0]?.pid ?? 0;
    process.kill(control, "SIGKILL");
    await until(() => bascule(".", "--home", home, "doctor", "--json").status === 0);
    assert.notEqual(kinds("control")[0]?.pid, control);

    edit(home, (text) => `${text}nosuch: 1\n`);
    child.kill("SIGHUP");
    await until(() => said().includes("configuration not loaded"));
    edit(home, (text) =>
      text.replace("nosuch: 1\n", "").replace("identities: {}", "identities: { carol: { groups: [x] } }"),
    );
    child.kill("SIGHUP");
    await until(() => bascule(".", "--home", home, "targets", "--identity", "carol").status === 0);

    child.kill("SIGTERM");
    assert.deepEqual(await once(child, "exit"), [0, null]);
    const { stdout, status } = bascule(".", "verify", home, "--json");
    assert.equal(status, 0, stdout);
  });

  it("gives a proxy no key file, no secret of the environment, and no argument but its role", async () => {
    const home = madeHome();
    const { child } = await serving(home);
    const proxies = descendants(child.pid ?? 0).filter(({ commandLine }) =>
      commandLine.includes("internal proxy"),
    );
    assert.equal(proxies.length, 2);
    for (const { pid, commandLine } of proxies) {
      const files = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
      assert.deepEqual(
        files.filter((file) => file.includes(join(home, "keys")) || file.includes("journal")),
        [],
      );
      assert.ok(!readFileSync(`/proc/${pid}/environ`, "utf8").includes("A_SECRET"));
      assert.match(commandLine, /internal proxy$/);
    }
  });

  it("leaves nobody behind when the supervisor is killed", async () => {
    const home = madeHome();
    const { child } = await serving(home);
    const children = descendants(child.pid ?? 0).map(({ pid }) => pid);
    assert.equal(children.length, 3);
    child.kill("SIGKILL");
    await until(() => children.every((pid) => !existsSync(`/proc/${pid}`)));
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed while we looked
  }
}

/** Waits until it is so; the test's own time limit ends it otherwise. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((wake) => setTimeout(wake, 50));
}
