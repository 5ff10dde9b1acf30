import assert from "node:assert/strict";
import xterm from "@xterm/headless";
import { truncateSync, writeFileSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startClient, type ClientRun } from "../harness/client-run.js";
import { startForward, startSsh } from "../harness/forwarded.js";
import { fakeClock, type FakeClock } from "../harness/fake-clock.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { signal } from "../harness/processes.js";
import { startLyingTarget } from "../harness/lying-target.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal, type Terminal } from "../harness/terminal.js";
import { openssh } from "../harness/tools.js";
import { until } from "../harness/until.js";

/** No end may come later than this after its order, however busy the machine: what is cut would go on for longer. How long each took is printed. */
const withinMs = 15_000;
/** At its deadline everything is left alone for so long. */
const quietMs = 2000;

interface Session {
  readonly session: string;
  readonly serial: string;
  readonly grant: string;
  readonly untilMs: number;
  readonly status: string;
  readonly isLive: boolean;
}

const sessionsOf = async (bastion: Bastion) => (await bastion.json(["sessions", "--all"])) as Session[];

async function newestSession(bastion: Bastion): Promise<Session> {
  return (await sessionsOf(bastion)).at(-1) ?? assert.fail("no session");
}

/** What a full-screen program might leave: a scroll region, modes, colours, a cursor in the middle. */
const drawing = String.raw`\033[2J\033[5;10r\033[?1h\033[?2004h\033[?1002h\033[20;1Hbelow\033[1;1Htop\033[7;12H\033[1;4;31mdrawn`;

/** A terminal that was shown `output`: its rows, its cursor and modes, and how it draws the last character. */
async function screenAfter(output: string) {
  const model = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
  await new Promise<void>((resolve) => model.write(output, resolve));
  const { active } = model.buffer;
  const { cursorX, cursorY } = active;
  const cell = active.getLine(cursorY)?.getCell(cursorX - 1);
  const rows = Array.from({ length: 24 }, (_, row) => active.getLine(row)?.translateToString(true) ?? "");
  const attributes = [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse()];
  const shown = { rows, cursorX, cursorY, attributes, modes: { ...model.modes } };
  model.dispose();
  return shown;
}

const measured: string[] = [];
function measure(what: string, orderedMs: number, endedMs: number): void {
  const tookMs = Math.round(endedMs - orderedMs);
  measured.push(`${what}: ${tookMs} ms`);
  assert.ok(tookMs < withinMs, `${what} ended ${tookMs} ms after it should have`);
  // certificates end on whole seconds; a command may take its time to end after it was obeyed
  if (what.startsWith("deadline")) assert.ok(tookMs > -1100, `${what} ended ${-tookMs} ms too early`);
}

after(() => console.log(measured.map((line) => `      ${line}`).join("\n")));

describe("e2e/cut at the deadline", () => {
  const grantMs = 20_000;
  let bastion: Bastion;
  let untilMs = 0;
  const runs = new Map<string, ClientRun>();
  let forward: Awaited<ReturnType<typeof startForward>>;
  let stopped: ClientRun;
  let screen: Terminal;
  let targetOfStopped = 0;

  before(async function () {
    bastion = await startBastion({
      settings: "notices: [6s, 3s]",
      channels: ["shell", "exec", "sftp", "local-forward"],
    });
    await bastion.issue({ duration: `${grantMs / 1000}s` });
    const folder = temporaryFolder();
    const control = join(folder, "mux");
    runs.set("exec", startSsh(bastion, ["prod", "n=0; while :; do echo $((n+=1)); sleep 0.05; done"]));
    runs.set("shell", startSsh(bastion, ["-tt", "prod"]));
    const drawn = ["-F", bastion.sshConfig, "-J", "bastion", "-t", "prod", `printf '${drawing}'; sleep 60`];
    screen = openTerminal(openssh("9.2").ssh, drawn);
    runs.set("idle", startSsh(bastion, ["prod", "sleep 60"]));
    runs.set("several", startSsh(bastion, ["-M", "-S", control, "prod", "echo ready; cat"]));
    const sftp = startClient(openssh("9.2").sftp, ["-F", bastion.sshConfig, "-J", "bastion", "prod"]);
    sftp.type("pwd\n");
    runs.set("sftp", sftp);
    stopped = startSsh(bastion, ["prod", "echo $PPID >&2; cat /dev/zero"], { unread: true });
    forward = await startForward(bastion);
    await runs.get("several")?.says("ready");
    for (const name of ["second", "third"])
      runs.set(
        name,
        startClient(openssh("9.2").ssh, ["-F", bastion.sshConfig, "-S", control, "prod", "echo ready; cat"]),
      );
    for (const name of ["second", "third"]) await runs.get(name)?.says("ready");
    await stopped.says(/^\d+$/mu);
    targetOfStopped = Number(/^\d+$/mu.exec(stopped.stderr())?.[0]);
    signal(stopped.pid, "SIGSTOP");
    await screen.waitFor("drawn");
    ({ untilMs } = (await sessionsOf(bastion))[0] ?? assert.fail("no sessions"));

    const big = join(folder, "big");
    writeFileSync(big, "");
    truncateSync(big, 1 << 30);
    await sleep(untilMs - 2500 - Date.now());
    assert.ok(untilMs - Date.now() > 1000, "everything began in time");
    runs.set(
      "copy",
      startClient(openssh("9.2").scp, ["-F", bastion.sshConfig, "-J", "bastion", big, "prod:/dev/null"]),
    );
    await sleep(untilMs + 300 - Date.now());
    sftp.type("ls\n"); // it looks at its connection only when it is asked for something
    await sleep(untilMs + quietMs - Date.now());
  });

  for (const name of ["exec", "shell", "idle", "several", "second", "third", "sftp"])
    it(`${name}: ends with the reason and status 255`, async () => {
      const run = runs.get(name) ?? assert.fail();
      const { status, atMs } = await run.ended;
      measure(`deadline, ${name}`, untilMs, atMs);
      if (name === "sftp")
        assert.notEqual(status, 0); // its own; what it ran was told to end
      else assert.equal(status, 255, run.stderr());
      const said = `${run.stdout().toString()}${run.stderr()}`;
      assert.match(said, /bascule: session ses-\S+ closed: grant grt-\S+ has ended/u);
    });

  it("the middle of a copy of 1 GB", async () => {
    const run = runs.get("copy") ?? assert.fail();
    const { status, atMs } = await run.ended;
    measure("deadline, copy", untilMs, atMs);
    assert.equal(status, 1, run.stderr()); // scp's own: lost connection
    assert.match(run.stderr(), /closed: grant grt-\S+ has ended/u);
  });

  it("a forward without a session channel: both ends of what went through it, and the client", async () => {
    measure("deadline, forwarded connection", untilMs, await forward.cut);
    const { status, atMs } = await forward.run.ended;
    measure("deadline, -N -L", untilMs, atMs);
    assert.equal(status, 255);
    assert.match(forward.run.stderr(), /closed: grant grt-\S+ has ended/u);
    assert.equal(forward.reached(), false);
  });

  it("a client that stopped reading: the target's side has ended all the same", async () => {
    assert.throws(() => process.kill(targetOfStopped, 0), { code: "ESRCH" });
    signal(stopped.pid, "SIGCONT");
    assert.equal((await stopped.ended).status, 255);
  });

  it("nothing of it runs on the target", () =>
    until("sshd is alone", () => bastion.sshd.processCount() === 1));

  it("warns on stderr, and leaves stdout as it was", () => {
    const run = runs.get("exec") ?? assert.fail();
    assert.match(
      run.stderr(),
      /bascule: 6 s left of grant (grt-\w+); to stay longer: ssh bastion extend \1 --for 15m --reason "…"\r?\n/u,
    );
    assert.match(run.stderr(), /bascule: 3 s left of grant/u);
    const numbers = run.stdout().toString().trimEnd().split("\n");
    assert.ok(numbers.length > 50);
    assert.ok(numbers.every((line, index) => line === String(index + 1)));
  });

  it("warns in the top rows of a terminal, and leaves the rest of it as it was", async () => {
    const output = screen.output();
    const end = output.lastIndexOf("\x1b8", output.indexOf(" closed: grant "));
    const shown = output.slice(
      output.indexOf("\x1b[2J"),
      output.indexOf("\x1b8", output.indexOf("3 s left of grant")) + 2,
    );
    assert.ok(end > 0);
    const notices = /\x1b7(?:(?!\x1b8).)*?\d s left of grant(?:(?!\x1b8).)*\x1b8/gsu;
    assert.equal(shown.match(notices)?.length, 2);
    const [warned, plain] = [
      await screenAfter(`${shown}Z`),
      await screenAfter(`${shown.replaceAll(notices, "")}Z`),
    ];
    assert.match(warned.rows[0] ?? "", /3 s left of grant grt-/u);
    assert.match(warned.rows[1] ?? "", /--reason "…"/u);
    assert.deepEqual({ ...warned, rows: warned.rows.slice(2) }, { ...plain, rows: plain.rows.slice(2) });
    assert.equal(warned.rows[6], `${" ".repeat(11)}drawnZ`);
    assert.match(output.slice(end), /bascule: session ses-\S+ closed: grant grt-\S+ has ended/u);
  });

  it("the ledger says of each that it was cut because its grant ended", async () => {
    await until("all are in the books", async () =>
      (await sessionsOf(bastion)).every(({ isLive }) => !isLive),
    );
    for (const { session, status } of await sessionsOf(bastion))
      assert.equal(status, "cut (grant-ended)", session);
  });

  it("a new session is refused with the command that would help", async () => {
    const { status, stderr } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo never"]);
    assert.equal(status, 255);
    assert.match(stderr, /ended at .*ssh bastion request prod --as/u);
  });
});

describe("e2e/cut by order", () => {
  let bastion: Bastion;
  let good: string;
  before(async function () {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHnZXc4gwka44tFSFRBG6Gz5JW40Orc5qBeJAO+o8Kz9";
    const address = `127.0.0.1:${(await startLyingTarget("silent")).port}`;
    bastion = await startBastion({
      channels: ["shell", "exec", "local-forward"],
      targets: `  hole: { address: "${address}", hostKeys: ["${hostKey}"], labels: { env: prod }, logins: [${userInfo().username}] }`,
    });
    good = readFileSync(bastion.configPath, "utf8");
  });

  it("also while the target is still being dialled", async function () {
    await bastion.issue({ target: "hole" });
    const run = startSsh(bastion, [`${bastion.login}@hole`, "cat"]);
    await until("it has begun", async () => (await sessionsOf(bastion)).length === 1);
    const { session } = await newestSession(bastion);
    const { status } = await bastion.bascule(["kill", session, "--reason", "not that one"]);
    assert.equal(status, 0);
    const killedMs = Date.now();
    const end = await run.ended;
    measure("kill while dialling", killedMs, end.atMs);
    assert.equal(end.status, 255);
    assert.match(run.stderr(), /closed: ended by admin@local: not that one/u);
    await until("it is in the books", async () => (await newestSession(bastion)).status === "cut (killed)");
  });

  const orders: readonly [string, words: RegExp, status: string, (session: Session) => Promise<unknown>][] = [
    [
      "revoke grt-…",
      /closed: grant grt-\S+ was revoked by admin@local: not needed/u,
      "cut (grant-revoked)",
      ({ grant }) => bastion.bascule(["revoke", grant, "--reason", "not needed"]),
    ],
    [
      "revoke --serial",
      /closed: its certificate was revoked by admin@local: lost/u,
      "cut (certificate-revoked)",
      ({ serial }) => bastion.bascule(["revoke", "--serial", serial, "--reason", "lost"]),
    ],
    [
      "lock --serial",
      /closed: certificate \S+ was locked by admin@local: mislaid/u,
      "cut (locked)",
      ({ serial }) => bastion.bascule(["lock", "--serial", serial, "--reason", "mislaid"]),
    ],
    [
      "kill ses-…",
      /closed: ended by admin@local: wrong host/u,
      "cut (killed)",
      ({ session }) => bastion.bascule(["kill", session, "--reason", "wrong host"]),
    ],
    [
      "a reload whose policy no longer allows it",
      /closed: the policy was changed and no longer allows it/u,
      "cut (policy-changed)",
      async () => {
        writeFileSync(
          bastion.configPath,
          good.replace("groups: [engineers]\n    targets", "groups: [nobody]\n    targets"),
        );
        signal(bastion.pid, "SIGHUP");
        await sleep(0);
      },
    ],
  ];
  for (const [name, words, status, order] of orders)
    it(name, async function () {
      await bastion.issue();
      const [exec, forward] = [
        startSsh(bastion, ["prod", "echo $PPID >&2; cat /dev/zero"], { discard: true }),
        await startForward(bastion),
      ];
      await exec.says(/^\d+$/mu);
      const sessions = (await sessionsOf(bastion)).filter(({ isLive }) => isLive);
      assert.equal(sessions.length, 2);
      const orderedMs = Date.now();
      const answered = Promise.all(sessions.map(order)).then(() => Date.now());
      const [execEnd, forwardEnd] = [await exec.ended, await forward.run.ended];
      // starting the command line program is in these times
      measured.push(
        `${name}: ${execEnd.atMs - orderedMs} ms, -N -L ${forwardEnd.atMs - orderedMs} ms, from the shell's return key`,
      );
      const answeredMs = await answered;
      measure(`${name}, counted from the command's answer`, answeredMs, execEnd.atMs);
      measure(`${name}, -N -L, counted from the command's answer`, answeredMs, forwardEnd.atMs);
      assert.equal(execEnd.status, 255);
      assert.match(exec.stderr(), words);
      assert.equal(forwardEnd.status, 255);
      assert.match(forward.run.stderr(), words);
      await until("sshd is alone", () => bastion.sshd.processCount() === 1);
      await until("it is in the books", async () => {
        const now = await sessionsOf(bastion);
        return sessions.every(({ session }) => now.find((one) => one.session === session)?.status === status);
      });
      const cuts = (await ledgerNow(bastion.home)).flatMap((event) =>
        event.type === "session.cut" ? [event.session] : [],
      );
      for (const { session } of sessions) assert.equal(cuts.filter((cut) => cut === session).length, 1);
    });
});

describe("e2e/cut when the clock steps", () => {
  /** Each has a clock of its own, so that both grants end in the same time. */
  const rows: readonly (readonly [string, (bastion: Bastion) => Promise<void>])[] = [
    ["an hour back does not prolong a grant of 12 seconds", () => Promise.resolve()],
    [
      "nor does it with a control that starts after it",
      async (bastion) => {
        const [old = 0] = bastion.pidsOf("control");
        signal(old, "SIGKILL");
        await until("there is another", () => bastion.pidsOf("control").some((pid) => pid !== old));
      },
    ],
  ];
  const benches: (readonly [Bastion, FakeClock])[] = [];
  const steppedBack = new Map<string, { readonly run: ClientRun; readonly untilMs: number }>();
  before(async function () {
    const start = async () => {
      const clock = fakeClock();
      return [await startBastion({ env: clock.env }), clock] as const;
    };
    benches.push(...(await Promise.all(rows.map(start))));
    for (const [index, [name, meanwhile]] of rows.entries()) {
      const [bastion, clock] = benches[index] ?? assert.fail();
      await bastion.issue({ duration: "12s" });
      const run = startSsh(bastion, ["prod", "echo ready; cat"]);
      await run.says("ready");
      const { untilMs } = await newestSession(bastion);
      clock.setOffsetSeconds(-3600);
      await meanwhile(bastion);
      steppedBack.set(name, { run, untilMs });
    }
  });

  for (const [name] of rows)
    it(name, async function () {
      const { run, untilMs } = steppedBack.get(name) ?? assert.fail();
      const { status, atMs } = await run.ended;
      measured.push(`${name}: ${Math.round(atMs - untilMs)} ms`);
      assert.ok(atMs - untilMs < withinMs, `it ended ${atMs - untilMs} ms after its time`);
      assert.equal(status, 255);
      assert.match(run.stderr(), /closed: grant grt-\S+ has ended/u);
    });

  it("an hour forward ends a grant of 30 minutes", async function () {
    const [bastion, clock] = benches[0] ?? assert.fail();
    clock.setOffsetSeconds(0);
    await bastion.issue();
    const run = startSsh(bastion, ["prod", "echo ready; cat"]);
    await run.says("ready");
    const orderedMs = Date.now();
    clock.setOffsetSeconds(3600);
    const { status, atMs } = await run.ended;
    measured.push(`clock one hour forward: ${atMs - orderedMs} ms`);
    assert.ok(atMs - orderedMs < withinMs, `it took ${atMs - orderedMs} ms`);
    assert.equal(status, 255);
    assert.match(run.stderr(), /closed: grant grt-\S+ has ended/u);
  });
});
