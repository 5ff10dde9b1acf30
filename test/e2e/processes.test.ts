import assert from "node:assert/strict";
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parsePrivateKey } from "../../src/certificate/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startClient, type ClientRun } from "../harness/client-run.js";
import { descendants, endProcessTree, signal } from "../harness/processes.js";
import { openssh } from "../harness/tools.js";

interface Session {
  readonly session: string;
  readonly status: string;
  readonly isLive: boolean;
  readonly untilMs: number;
  readonly proxy: string;
}

async function until(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await isTrue())) {
    assert.ok(performance.now() < end, `${what}: not within ${timeoutMs} ms`);
    await sleep(50);
  }
}

const isRunning = (pid: number) => readdirSync("/proc").includes(String(pid));

function startSsh(bastion: Bastion): ClientRun {
  const args = ["-F", bastion.sshConfig, "-J", "bastion", "prod", "echo ready; cat"];
  return startClient(openssh("9.2").ssh, args);
}

const sessionsOf = async (bastion: Bastion) => (await bastion.json(["sessions", "--all"])) as Session[];

/** Which proxy process holds a client's connection: the one that has a socket to its port. */
function proxyOf(bastion: Bastion, run: ClientRun): number {
  const ours = new Set(
    [run.pid, ...descendants(run.pid).map(({ pid }) => pid)].flatMap((pid) => portsOf(pid)),
  );
  const found = bastion.pidsOf("proxy").find((pid) => portsOf(pid, "peer").some((port) => ours.has(port)));
  return found ?? assert.fail("no proxy holds the connection");
}

/** TCP ports of a process's sockets, its own or their peers'. */
function portsOf(pid: number, side: "own" | "peer" = "own"): number[] {
  const inodes = new Set(links(pid).flatMap((link) => /^socket:\[(\d+)\]$/u.exec(link)?.[1] ?? []));
  return readFileSync(`/proc/${pid}/net/tcp`, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/u))
    .filter((columns) => inodes.has(columns[9] ?? ""))
    .map((columns) => Number.parseInt((columns[side === "own" ? 1 : 2] ?? "").split(":")[1] ?? "", 16));
}

function links(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return []; // closed since
    }
  });
}

describe("e2e/processes", () => {
  let bastion: Bastion;
  /** How long this machine takes for a bastion to be there. */
  let startMs = 0;
  before(async function () {
    const beganMs = performance.now();
    bastion = await startBastion();
    startMs = performance.now() - beganMs;
    await bastion.issue();
  });

  it("CA keys are never in a proxy's memory, descriptors or environment, nor in the supervisor's", async () => {
    const run = startSsh(bastion);
    await run.says("ready"); // all have done what they do
    const secrets = ["user-ca", "target-ca", "host-ca"].flatMap((name) => {
      const text = readFileSync(join(bastion.home, "keys", name), "utf8");
      const seed = parsePrivateKey(text).object.export({ format: "der", type: "pkcs8" }).subarray(-32);
      const body = text
        .split("\n")
        .slice(3, -2)
        .map((line) => Buffer.from(line)); // the lines after the public half's
      return [seed, Buffer.from(seed.toString("base64").slice(0, 40)), ...body];
    });
    const held = (pid: number) => secrets.filter((secret) => holds(pid, secret)).length;
    const [control = 0] = bastion.pidsOf("control");
    assert.ok(held(control) > 0, "the search finds them where they are");
    for (const pid of [...bastion.pidsOf("proxy"), bastion.pid]) {
      assert.equal(held(pid), 0, `process ${pid} holds a key`);
      assert.deepEqual(
        links(pid).filter((link) => link.startsWith(join(bastion.home, "keys"))),
        [],
      );
      assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, "utf8"), /token/iu);
      assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, "utf8"), /token/iu);
    }
    for (const pid of bastion.pidsOf("proxy"))
      assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, "utf8"), /BASCULE|HOME=/u);
    await endProcessTree(run.pid);
  });

  it("a killed proxy takes its own connections only, and comes back", async function () {
    const runs = [startSsh(bastion)];
    await runs[0]?.says("ready");
    const victim = proxyOf(bastion, runs[0] as ClientRun);
    for (let tries = 0; runs.every((run) => proxyOf(bastion, run) === victim); tries += 1) {
      assert.ok(tries < 30, "both proxies serve");
      const run = startSsh(bastion);
      await run.says("ready");
      runs.push(run);
    }
    const own = runs.filter((run) => proxyOf(bastion, run) === victim);
    const others = runs.filter((run) => !own.includes(run));
    signal(victim, "SIGKILL");
    for (const run of own) assert.equal((await run.ended).status, 255);
    for (const run of others) {
      run.type("still here\n");
      await run.says("still here");
    }
    await until(
      "there are two proxies again",
      () => bastion.pidsOf("proxy").length === 2 && !isRunning(victim),
    );
    await until("its sessions are interrupted", async () => {
      const sessions = await sessionsOf(bastion);
      return (
        sessions.filter(({ status }) => status === "interrupted").length === own.length &&
        sessions.filter(({ isLive }) => isLive).length === others.length
      );
    });
    for (const run of others) await endProcessTree(run.pid);
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo anew"]);
    assert.equal(stdout.toString(), "anew\n");
  });

  // While a proxy gives a control that hangs its 10 s to answer, a grant of as many ends.
  it("a control that hangs: what is live goes on to its deadline, what is new is refused with a text", async function () {
    await bastion.issue({ duration: "10s" });
    const run = startSsh(bastion);
    await run.says("ready");
    const { untilMs, session } = (await sessionsOf(bastion)).at(-1) ?? assert.fail();
    const [control = 0] = bastion.pidsOf("control");
    signal(control, "SIGSTOP");
    try {
      const refused = bastion.ssh("9.2", ["-J", "bastion", "prod", "echo never"], { timeoutMs: 30_000 });
      run.type("still here\n");
      await run.says("still here");
      const [{ status, atMs }, never] = await Promise.all([run.ended, refused]);
      assert.equal(status, 255);
      assert.ok(atMs - untilMs < 2000, `it ended ${atMs - untilMs} ms after its deadline`);
      assert.match(run.stderr(), /closed: grant grt-\S+ has ended/u);
      assert.equal(never.status, 255);
      assert.match(never.stderr, /bascule: the bastion cannot decide just now .*; try again in a moment/u);
    } finally {
      signal(control, "SIGCONT");
    }
    const statusNow = async () => (await sessionsOf(bastion)).find((one) => one.session === session)?.status;
    await until("the books say why", async () => (await statusNow()) === "cut (grant-ended)");
    await bastion.issue();
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo anew"]);
    assert.equal(stdout.toString(), "anew\n");
  });

  it("a killed control: live sessions go on, are known again, and can be killed", async function () {
    const run = startSsh(bastion);
    await run.says("ready");
    const [control = 0] = bastion.pidsOf("control");
    signal(control, "SIGKILL");
    run.type("still here\n");
    await run.says("still here");
    await until("another control answers, and the proxies have found it", async () => {
      const { status, stdout } = await bastion.bascule(["doctor"]);
      return status === 0 && /proxies +2 on /u.test(stdout.toString());
    });
    const [live, ...more] = (await sessionsOf(bastion)).filter(({ isLive }) => isLive);
    assert.deepEqual(more, []);
    run.type("known again\n");
    await run.says("known again");
    const killed = await bastion.bascule(["kill", live?.session ?? "", "--reason", "enough"]);
    assert.equal(killed.status, 0, killed.stderr);
    assert.equal((await run.ended).status, 255);
    assert.match(run.stderr(), /closed: ended by admin@local: enough/u);
  });

  it("a stop and a start keep grants and certificates", async function () {
    await bastion.issue();
    await bastion.stop();
    await bastion.start();
    const { stdout, stderr } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo kept"]);
    assert.equal(stdout.toString(), "kept\n", stderr);
  });

  it("a killed supervisor: nobody listens, another can start, what is live goes on to its deadline or is killed", async function () {
    const toBeKilled = startSsh(bastion);
    await toBeKilled.says("ready");
    const { session } = (await sessionsOf(bastion)).at(-1) ?? assert.fail();
    await bastion.issue({ duration: `${3 + Math.ceil((2 * startMs) / 1000)}s` }); // beyond the other's start
    const run = startSsh(bastion);
    await run.says("ready");
    const { untilMs } = (await sessionsOf(bastion)).at(-1) ?? assert.fail();
    const [control = 0] = bastion.pidsOf("control");
    const proxies = bastion.pidsOf("proxy");
    signal(bastion.pid, "SIGKILL");
    await until("control has ended", () => !isRunning(control));
    await until("nobody listens", () => refuses(bastion.port));
    run.type("still here\n");
    await run.says("still here");
    await bastion.start();
    run.type("and still\n");
    await run.says("and still");
    await until("the session is known to the next control", async () => {
      const found = (await sessionsOf(bastion)).find((each) => each.session === session);
      return found?.status === "live";
    });
    const killed = await bastion.bascule(["kill", session, "--reason", "over"]);
    assert.equal(killed.status, 0, killed.stderr);
    assert.equal((await toBeKilled.ended).status, 255);
    assert.match(toBeKilled.stderr(), /closed: .*over/u);
    const { status, atMs } = await run.ended;
    assert.equal(status, 255);
    assert.ok(atMs - untilMs < 2000, `it ended ${atMs - untilMs} ms after its deadline`);
    await until("the old proxies are gone", () => !proxies.some(isRunning));
    await bastion.issue();
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo anew"]);
    assert.equal(stdout.toString(), "anew\n");
  });
});

function refuses(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

/** Whether bytes are anywhere in a process's writable memory. */
function holds(pid: number, secret: Buffer): boolean {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const chunk = Buffer.alloc(1 << 22);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from = "0", to = "0"] = /^([0-9a-f]+)-([0-9a-f]+) rw/u.exec(line) ?? [];
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += chunk.length - secret.length) {
        let got = 0;
        try {
          got = readSync(memory, chunk, 0, Math.min(chunk.length, end - at), at);
        } catch {
          break; // not backed by anything
        }
        if (chunk.subarray(0, got).includes(secret)) return true;
      }
    }
    return false;
  } finally {
    closeSync(memory);
  }
}
