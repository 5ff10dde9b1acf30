import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { program, startBastion, type Bastion } from "../harness/bastion.js";
import { checkLedger } from "../harness/check-ledger.js";
import { jsonLines } from "../harness/json-lines.js";
import { endProcessTree, signal } from "../harness/processes.js";
import { FrameType, openRecording, parseAuditorPrivateKey } from "../../src/recording/index.js";
import { bytesOf, readRecorded, recordedBy, recordingFiles, type Recorded } from "../harness/recorded.js";
import { programEnvironment } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal, type Terminal } from "../harness/terminal.js";
import { openssh, requireTool } from "../harness/tools.js";
import { until } from "../harness/until.js";

/** A pause in the shell's session, to be skipped. */
const idleMs = 5000;
const size = { columns: 90, rows: 24 };

describe("e2e/replay", () => {
  let bastion: Bastion;
  /** A shell on a terminal, as it was seen just before its end. */
  let shell: Recorded;
  let seen: string;
  /** Two commands on one connection. */
  let pair: Recorded;
  let interrupted: string;
  /** How often each way of reading was used by a session's id. */
  const readings = { replay: 0, export: 0, watch: 0 };

  before(async function () {
    bastion = await startBastion();
    await bastion.issue();
    const first = await recordedBy(bastion, () => useShell(bastion));
    [shell, seen] = [first.recorded, first.result];
    pair = (await recordedBy(bastion, () => runPair(bastion))).recorded;
    interrupted = await interruptOne(bastion);
  });

  function bascule(how: keyof typeof readings, ...args: string[]) {
    readings[how] += 1;
    return bastion.bascule([how, ...args]);
  }
  function onTerminal(how: keyof typeof readings, ...args: string[]): Terminal {
    readings[how] += 1;
    return openTerminal(process.execPath, [program, "--home", bastion.home, how, ...args], size);
  }

  it("lists and shows sessions, by the beginning of an id too", async () => {
    const id = shell.header.session;
    const listed = await bastion.bascule(["sessions"]);
    assert.match(
      listed.stdout.toString(),
      new RegExp(`^${id} +alice +${bastion.login}@prod .* closed$`, "m"),
    );
    assert.match(listed.stdout.toString(), new RegExp(`^${interrupted} .* interrupted$`, "m"));
    const shown = await bastion.bascule(["show", id.slice(0, 9)]);
    assert.match(shown.stdout.toString(), new RegExp(`^session +${id}$`, "m"));
    assert.match(shown.stdout.toString(), /^reason +a test$/m);
    const asked = (await bastion.json(["show", id])) as { session: string; path: string };
    assert.deepEqual([asked.session, asked.path], [id, shell.path]);
    const unknown = await bastion.bascule(["show", "ses-zzzz"]);
    assert.equal(unknown.status, 4);
    assert.match(
      unknown.stderr,
      /^bascule: there is no session ses-zzzz\n {2}see them with: bascule sessions\n$/,
    );
  });

  it("replays to a pipe exactly what the terminal got", async () => {
    const { status, stdout, stderr } = await bascule("replay", shell.header.session);
    assert.equal(status, 0);
    assert.ok(stdout.equals(bytesOf(shell, "stdout")));
    assert.equal(stderr, "");
    const file = await bastion.bascule(["replay", shell.path]);
    assert.ok(file.stdout.equals(stdout));
  });

  it("plays on a terminal: pause, speed, ten seconds on and back, and gives the terminal back", async () => {
    const command = `stty -a; ${process.execPath} ${program} --home ${bastion.home} replay ${shell.header.session}; stty -a; exit`;
    readings.replay += 1;
    const terminal = openTerminal("/bin/bash", ["--norc"], { ...size, env: { PS1: "" } });
    terminal.type(`${command}\r`);
    await terminal.waitFor(/ended {2}▶ 0:0\d\/0:\d\d {2}1× {2}1\/1 shell/);
    terminal.type(" ");
    await terminal.waitFor("‖");
    terminal.type("++");
    await terminal.waitFor("4×");
    terminal.type("-");
    await terminal.waitFor("2×");
    terminal.type("\x1b[C");
    await terminal.waitFor(/‖ (0:\d\d)\/\1/);
    await until("green is shown", async () => (await terminal.screen()).includes("green"));
    const screen = await terminal.screen();
    for (const line of seen.split("\n").slice(0, -1))
      assert.ok(screen.includes(line), `${line} is not in\n${screen}`);
    terminal.type("\x1b[D");
    await terminal.waitFor("‖ 0:00/");
    await until("green is gone", async () => !(await terminal.screen()).includes("green"));
    terminal.type("q");
    await terminal.ended;
    const [before, after] = terminal.output().split("\x1b[?1049h");
    assert.ok(before !== undefined && after !== undefined);
    assert.match(after, /\x1b\[\?25h\x1b\[\?1049l/);
    const ttyOf = (text: string) => /speed \d[^]*?(?:extproc|-extproc)/.exec(text)?.[0];
    assert.ok(ttyOf(before));
    assert.equal(ttyOf(after.slice(after.indexOf("\x1b[?1049l"))), ttyOf(before));
  });

  it("skips what is idle", async () => {
    const terminal = onTerminal("replay", shell.header.session, "--skip-idle", "200ms");
    await terminal.waitFor("▶");
    const begun = performance.now();
    await terminal.waitFor("behind the pause");
    assert.ok(performance.now() - begun < idleMs, `${performance.now() - begun} ms`);
    terminal.type("q");
    assert.deepEqual(await terminal.ended, { status: 0 });
  });

  it("shows keystrokes where asked to, and dots for what was typed unseen", async () => {
    const terminal = onTerminal("replay", shell.header.session, "--keys", "--speed", "4");
    await terminal.waitFor(/keys: .*se⏎/);
    await terminal.waitFor(/keys: .*•⏎/);
    assert.equal(terminal.output().includes("hidden"), false);
    terminal.type("q");
    await terminal.ended;
  });

  it("goes from one session channel to the next", async () => {
    const terminal = onTerminal("replay", pair.header.session);
    await terminal.waitFor(/1\/2 echo (\w+)/);
    terminal.type("n");
    await terminal.waitFor(/2\/2 echo (\w+)/);
    terminal.type("n");
    await terminal.waitFor(/1\/2 /);
    terminal.type("\x03");
    await terminal.ended;
    assert.match(terminal.output(), /\x1b\[\?1049l/);
    const second = await bascule("replay", pair.header.session, "--channel", "2");
    assert.ok(second.stdout.equals(bytesOf(pair, "stdout", 2)));
    assert.equal((await bascule("replay", pair.header.session, "--channel", "9")).status, 4);
  });

  it("says that one was interrupted, and plays what there is", async () => {
    const { status, stdout, stderr } = await bascule("replay", interrupted);
    assert.equal(status, 0);
    assert.equal(stdout.toString(), "begun\n");
    assert.match(stderr, /interrupted/);
    const terminal = onTerminal("replay", interrupted);
    await terminal.waitFor("interrupted");
    terminal.type("q");
    await terminal.ended;
    assert.match(
      (await bastion.bascule(["watch", interrupted])).stderr,
      /is over\n {2}play it with: bascule replay ses-/,
    );
  });

  it("follows a live one, says so, and that it has ended", async () => {
    const before = new Set(recordingFiles(bastion.recordings));
    const client = openTerminal(openssh("9.2").ssh, [
      "-F",
      bastion.sshConfig,
      "-tt",
      "-J",
      "bastion",
      "prod",
    ]);
    await client.waitFor(/[$#] $/);
    const id =
      /(ses-\w+)\.bsr$/.exec(
        recordingFiles(bastion.recordings).find((path) => !before.has(path)) ?? "",
      )?.[1] ?? "";
    let soFar = await bascule("replay", id);
    // what was shown is written within 250 ms, more where the machine is busy; the test's own limit ends the wait
    while (!/[$#] $/.test(soFar.stdout.toString())) {
      await sleep(100);
      soFar = await bascule("replay", id);
    }
    assert.match(soFar.stderr, /the session is live/);
    assert.match(soFar.stdout.toString(), /[$#] $/);
    const watcher = onTerminal("watch", id);
    await watcher.waitFor(" live ");
    client.type("echo $((41+1))-now\r");
    await watcher.waitFor("42-now");
    client.type("exit\r");
    await client.ended;
    await watcher.waitFor(" ended ");
    watcher.type("q");
    assert.deepEqual(await watcher.ended, { status: 0 });
  });

  describe("export", () => {
    async function exported(format: string, ...args: string[]): Promise<string> {
      const { status, stdout, stderr } = await bascule(
        "export",
        shell.header.session,
        "--format",
        format,
        ...args,
      );
      assert.equal(status, 0, stderr);
      return stdout.toString();
    }

    it("gives asciicast 2 that Debian's asciinema plays to the byte", async () => {
      const cast = join(temporaryFolder("cast"), "session.cast");
      writeFileSync(cast, await exported("asciicast-v2"));
      const [header, ...events] = jsonLines(readFileSync(cast, "utf8")) as [
        Record<string, unknown>,
        ...unknown[][],
      ];
      assert.deepEqual([header["version"], header["width"], header["height"]], [2, size.columns, size.rows]);
      assert.ok(events.some(([, code, data]) => code === "o" && String(data).includes("€")));
      // It opens /dev/tty, and so wants a terminal.
      const [folder, script] = [temporaryFolder("asciinema"), '"$0" cat "$1" > "$2"'];
      const output = join(folder, "output");
      const args = ["-c", script, requireTool("asciinema"), cast, output];
      const playing = openTerminal("/bin/sh", args, { env: { HOME: folder } });
      assert.deepEqual(await playing.ended, { status: 0 }, playing.output());
      assert.ok(readFileSync(output).equals(bytesOf(shell, "stdout")), "asciinema shows something else");
    });

    it("gives asciicast 3 with its exit status", async () => {
      const [header, ...events] = jsonLines(await exported("asciicast-v3")) as [
        Record<string, unknown>,
        ...unknown[][],
      ];
      assert.deepEqual(header["term"], { cols: size.columns, rows: size.rows, type: "xterm-256color" });
      const text = events.flatMap(([, code, data]) => (code === "o" ? [data] : [])).join("");
      assert.equal(text, bytesOf(shell, "stdout").toString());
      // a target may tell the status before the last of the output
      assert.deepEqual(
        events.flatMap(([, code, data]) => (code === "x" ? [data] : [])),
        ["4"],
      );
    });

    it("gives the text that the terminal showed", async () => {
      const text = await exported("text");
      assert.equal(text.slice(0, seen.length), seen);
      assert.match(text.slice(seen.length), /^ ?exit 4\n(logout|exit)\n$/);
    });

    it("gives each frame as a line of JSON, input only where asked for", async () => {
      const frames = jsonLines(await exported("jsonl")) as {
        type: string;
        direction: string;
        text?: string;
      }[];
      const isTyped = ({ type, direction }: { type: string | number; direction: string }) =>
        (type === FrameType.channelData || type === "channel-data") && direction === "client";
      assert.equal(frames.filter(isTyped).length, 0);
      assert.equal(
        frames.filter(({ type }) => type !== "withheld").length,
        shell.frames.filter((each) => !isTyped(each)).length,
      );
      const typed = (all: typeof frames) => all.filter(({ type }) => type === "typed");
      assert.ok(typed(frames).every(({ text }) => text === undefined));
      const withKeys = jsonLines(await exported("jsonl", "--keys")) as typeof frames;
      const keys = typed(withKeys)
        .map(({ text }) => text)
        .join("");
      assert.match(keys, /clear\r.*\r••••••\r.*exit 4\r$/s);
    });

    it("writes a new file for its owner alone, and overwrites none", async () => {
      const file = join(temporaryFolder("out"), "a.txt");
      await exported("text", "--output", file);
      assert.equal(statSync(file).mode & 0o777, 0o600);
      const again = await bascule("export", shell.header.session, "--output", file);
      assert.equal(again.status, 1);
      assert.match(again.stderr, /^bascule: \S+a\.txt is there already\n/);
    });
  });

  describe("what was typed unseen", () => {
    it("is not to be had with the first key, whoever reads the frames", async () => {
      const auditor = [parseAuditorPrivateKey(readFileSync(bastion.auditorKey, "utf8"))];
      const reader = await openRecording(shell.path, auditor);
      const frames: Buffer[] = [];
      for await (const { payload } of reader.frames()) frames.push(payload);
      await reader.close();
      assert.ok(Buffer.concat(frames).includes("behind the pause"));
      assert.equal(Buffer.concat(frames).includes("hidden"), false);
      await assert.rejects(openRecording(shell.path, auditor, auditor), { code: "key-not-for-us" });
    });

    it("is dots in an export, and shown to who has the second key", async () => {
      for (const format of ["asciicast-v2", "asciicast-v3"]) {
        const how = ["export", shell.path, "--format", format, "--keys"];
        const dots = (await bastion.bascule(how)).stdout.toString();
        assert.match(dots, /••••••\\r/u, format);
        assert.equal(dots.includes("hidden"), false, format);
        const shown = await bastion.bascule([...how, "--apart-key", bastion.apartAuditorKey]);
        assert.equal(shown.status, 0, shown.stderr);
        assert.equal(shown.stdout.includes("•"), false, format);
        assert.match(typedOf(shown.stdout.toString()), /read -s word\rhidden\r/u, format);
      }
    });

    it("is shown in the terminal to who has the second key", async () => {
      const args = ["replay", shell.path, "--keys", "--speed", "4", "--apart-key", bastion.apartAuditorKey];
      const terminal = openTerminal(process.execPath, [program, "--home", bastion.home, ...args], size);
      await terminal.waitFor(/keys: .*hidden⏎/);
      terminal.type("q");
      await terminal.ended;
    });

    it("is not shown by a session's id alone: that takes an unsealer", async () => {
      const id = shell.header.session;
      const how = ["replay", id, "--apart-key", bastion.apartAuditorKey];
      const { status, stderr } = await bastion.bascule(how);
      assert.equal(status, 2);
      assert.match(stderr, /unsealer/u);
    });
  });

  describe("afterwards", () => {
    it("left an entry in the ledger for each reading", async () => {
      await bastion.stop();
      const { events } = await checkLedger(join(bastion.home, "journal"));
      const read = events.filter((event) => event.type === "recording.read");
      for (const [how, times] of Object.entries(readings))
        assert.equal(read.filter((event) => event.how === how).length, times, how);
      assert.ok(read.every(({ by }) => by === "admin@local"));
    });
  });
});

/** Does this and that on a terminal; gives the screen before it leaves. */
async function useShell(bastion: Bastion): Promise<string> {
  const args = ["-F", bastion.sshConfig, "-tt", "-J", "bastion", "prod"];
  const terminal = openTerminal(openssh("9.2").ssh, args, size);
  const prompt = () => terminal.waitFor(/[$#] $/);
  const say = async (text: string) => {
    await sleep(50);
    terminal.type(`${text}\r`);
    await prompt();
  };
  await prompt();
  await say("clear");
  await say("printf '\\xe2'; sleep 0.4; printf '\\x82\\xac and \\033[32mgreen\\033[0m\\n'");
  await say(`sleep ${idleMs / 1000}; echo behind the "pau"se`);
  terminal.type("read -s word\r");
  await sleep(1000); // nothing shows that it reads
  terminal.type("hidden\r");
  await prompt();
  await say("echo 漢字 wide");
  const screen = await terminal.screen();
  terminal.type("exit 4\r");
  await terminal.ended;
  return screen;
}

async function runPair(bastion: Bastion): Promise<void> {
  const socket = join(temporaryFolder("mux"), "s");
  const args = ["-F", bastion.sshConfig, "-MNS", socket, "-J", "bastion", "prod"];
  const master = spawn(openssh("9.2").ssh, args, { env: programEnvironment(), stdio: "ignore" });
  try {
    await until("the master listens", () => existsSync(socket));
    for (const text of ["first", "second"]) await bastion.ssh("9.2", ["-S", socket, "prod", `echo ${text}`]);
  } finally {
    await endProcessTree(master.pid ?? 0);
  }
}

/** A session whose proxy is killed, and the bastion whole again. */
async function interruptOne(bastion: Bastion): Promise<string> {
  const before = new Set(recordingFiles(bastion.recordings));
  const running = bastion.ssh("9.2", ["-J", "bastion", "prod", "echo begun; sleep 60"]);
  const added = () => recordingFiles(bastion.recordings).find((path) => !before.has(path));
  await until("it has begun", async () => {
    const path = added();
    if (path === undefined) return false;
    const recorded = await readRecorded(path, bastion.auditorKey);
    return bytesOf(recorded, "stdout").toString() === "begun\n";
  });
  for (const pid of bastion.pidsOf("proxy")) signal(pid, "SIGKILL");
  await running;
  const id = /(ses-\w+)\.bsr$/.exec(added() ?? "")?.[1] ?? "";
  await until("it is over", async () => !((await bastion.json(["show", id])) as { isLive: boolean }).isLive);
  await until(
    "the bastion is whole",
    async () => (await bastion.ssh("9.2", ["-J", "bastion", "prod", "true"])).status === 0,
  );
  return id;
}

/** What an asciicast says was typed. */
function typedOf(cast: string): string {
  const events = jsonLines(cast).slice(1) as [number, string, string][];
  return events.flatMap(([, code, data]) => (code === "i" ? [data] : [])).join("");
}
