import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import {
  FrameType,
  generateAuditorKey,
  openRecording,
  parseAuditorPrivateKey,
  readWrappedKeys,
  RecordingError,
  unwrapDataKey,
  type Frame,
} from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { endProcessTree } from "../harness/processes.js";
import { isInMemory } from "../harness/process-memory.js";
import { bytesOf, detailsOf, noticesOf, recordedBy, recordingFiles } from "../harness/recorded.js";
import { programEnvironment, runProgram } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal } from "../harness/terminal.js";
import { openssh, requireTool } from "../harness/tools.js";
import { until } from "../harness/until.js";

const jump = ["-J", "bastion", "prod"];

/** Runs what was asked for, and where LC_TEE names a folder keeps there what came in and what went out. */
const teeing = `#!/bin/bash
command=\${SSH_ORIGINAL_COMMAND/internal-sftp/"$SFTP_SERVER"}
if [ -z "$LC_TEE" ]; then
  [ -n "$command" ] && exec bash -c "$command"
  exec bash -l
fi
set -o pipefail
bash -c "$command" < <(tee "$LC_TEE/in" 2>/dev/null) | tee "$LC_TEE/out"
`;

describe("e2e/recording", () => {
  let bastion: Bastion;
  let grant: string;
  before(async function () {
    const tee = join(temporaryFolder("tee"), "tee");
    writeFileSync(tee, teeing.replace("$SFTP_SERVER", openssh("9.2").sftpServer));
    chmodSync(tee, 0o755);
    bastion = await startBastion({
      sshdConfig: [`ForceCommand ${tee}`],
      channels: ["shell", "exec", "sftp", "local-forward", "remote-forward"],
    });
    grant = await bastion.issue();
  });

  const ssh = (...args: string[]) => bastion.ssh("9.2", args);
  /** Has the target keep what crosses in a new folder. */
  function teed(): { folder: string; options: string[]; in: () => Buffer; out: () => Buffer } {
    const folder = temporaryFolder("teed");
    return {
      folder,
      options: ["-o", `SetEnv=LC_TEE=${folder}`],
      in: () => readFileSync(join(folder, "in")),
      out: () => readFileSync(join(folder, "out")),
    };
  }

  it("holds a command's input, output, stderr and status, each apart and to the byte", async () => {
    const input = randomBytes(300_000);
    const { result, recorded } = await recordedBy(bastion, () =>
      bastion.ssh("9.2", [...jump, "cat; echo a complaint >&2; exit 7"], { input }),
    );
    assert.equal(result.status, 7);
    assert.ok(bytesOf(recorded, "stdin").equals(input));
    assert.ok(bytesOf(recorded, "stdout").equals(result.stdout));
    assert.ok(result.stdout.equals(input));
    assert.equal(bytesOf(recorded, "stderr").toString(), "a complaint\n");
    const [channel] = recorded.channels;
    assert.deepEqual(channel?.start, { kind: "exec", command: "cat; echo a complaint >&2; exit 7" });
    assert.deepEqual(channel.exit, { status: 7 });
    assert.deepEqual(channel.bytes, { client: input.length, target: input.length, stderr: 12 });
    assert.equal(channel.pty, undefined);
  });

  it("says in its header whose session it is, and where it went", async () => {
    const startedMs = Date.now();
    const { recorded } = await recordedBy(bastion, () => ssh(...jump, "true"));
    const { header, path } = recorded;
    const { keys, keyCommitment, apartKeyCommitment, startedAtMs, session, ...clear } = header;
    const { serial, hostKey, policy, clientAddress, ...rest } = clear;
    assert.deepEqual(rest, {
      format: "bascule-recording-v1",
      ...{ identity: "alice", grant, approvers: [], reason: "a test" },
      ...{ target: "prod", login: bastion.login, bastion: "bastion" },
    });
    assert.ok(startedAtMs >= startedMs && startedAtMs <= Date.now());
    const shown = await runProgram(openssh("9.2").sshKeygen, ["-L", "-f", bastion.alice.certificatePath]);
    assert.equal(serial, /Serial: (\d+)/.exec(shown.stdout.toString())?.[1]);
    const printed = await runProgram(openssh("9.2").sshKeygen, ["-lf", "-"], {
      input: bastion.sshd.hostKeyLine,
    });
    assert.equal(hostKey, printed.stdout.toString().split(" ")[1]);
    assert.match(policy, /^[0-9a-f]{64}$/);
    for (const commitment of [keyCommitment, apartKeyCommitment]) assert.match(commitment, /^[0-9a-f]{64}$/);
    assert.match(clientAddress, /^127\.0\.0\.1/);
    assert.deepEqual(
      keys.map(({ opens }) => opens),
      ["data", "apart"],
    );
    const day = new Date(startedAtMs).toISOString().slice(0, 10);
    assert.equal(path, join(bastion.recordings, day, `${session}.bsr`));
    assert.deepEqual(
      [path, dirname(path), bastion.recordings].map((place) => (statSync(place).mode & 0o7777).toString(8)),
      ["600", "700", "700"],
    );
  });

  it("is sealed: nothing of what crossed stands in the file, and another auditor's key does not open it", async () => {
    const secret = "the-plain-words-of-a-command";
    const { recorded } = await recordedBy(bastion, () =>
      bastion.ssh("9.2", [...jump, `cat; echo ${secret}`], { input: `${secret}\n`.repeat(2000) }),
    );
    assert.equal(bytesOf(recorded, "stdin").length, (secret.length + 1) * 2000);
    assert.equal(readFileSync(recorded.path).includes(secret), false);
    await assert.rejects(
      openRecording(recorded.path, [generateAuditorKey()]),
      (error) => error instanceof RecordingError && error.code === "key-not-for-us",
    );
  });

  it("holds a terminal: each key as typed, each byte as shown, its sizes, its environment", async () => {
    const { result, recorded } = await recordedBy(bastion, async () => {
      const args = ["-F", bastion.sshConfig, "-o", "SetEnv=LC_LIKED=yes PRELOAD=no", "-tt", ...jump];
      const terminal = openTerminal(openssh("9.2").ssh, args, { columns: 100, rows: 30 });
      const prompt = () => terminal.waitFor(/[$#] $/);
      await prompt();
      terminal.type("echo gr\x7fr\u00fc\u00df $LC_LIKED${PRELOAD-unset}\r");
      await terminal.waitFor("gr\u00fc\u00df yesunset");
      await prompt();
      terminal.resize(132, 43);
      await prompt(); // drawn again for the new width
      terminal.type("stty size\r");
      await terminal.waitFor("43 132");
      await prompt();
      terminal.type("read -s word\r");
      await sleep(300); // nothing shows that it reads
      terminal.type("h\u00e4mlich\r");
      await prompt();
      terminal.type("exit 5\r");
      await terminal.ended;
      return terminal.output();
    });
    assert.equal(
      bytesOf(recorded, "stdin").toString(),
      "echo gr\x7fr\u00fc\u00df $LC_LIKED${PRELOAD-unset}\rstty size\rread -s word\rh\u00e4mlich\rexit 5\r",
    );
    // Around the session's own output stand only the banner and ssh's own word.
    const shown = bytesOf(recorded, "stdout").toString();
    const [before, behind] = result.split(shown);
    assert.match(before ?? "", /is recorded\r*\n$/);
    assert.match(behind ?? "", /^Connection to prod closed\.\r+\n$/);
    const [channel] = recorded.channels;
    assert.deepEqual(channel?.start, { kind: "shell" });
    assert.deepEqual(channel.pty, { term: "xterm-256color", columns: 132, rows: 43 });
    assert.deepEqual(channel.exit, { status: 5 });
    const resizes = recorded.frames
      .filter(isRequest("window-change"))
      .map(({ payload }) => payload.subarray(18));
    assert.deepEqual(
      resizes.map((sizes) => [sizes.readUInt32BE(0), sizes.readUInt32BE(4)]),
      [[132, 43]],
    );
    assert.deepEqual(
      channel.env.filter(({ name }) => name !== "LANG"),
      [{ name: "LC_LIKED", value: "yes" }],
    );
    const refused = detailsOf(recorded, FrameType.denied);
    assert.deepEqual(refused, [
      { what: "request env PRELOAD", reason: "not in the list of what may be set" },
    ]);
  });

  it("holds a shell without a terminal", async () => {
    const input = "echo one\necho two >&2\nexit 3\n";
    const { result, recorded } = await recordedBy(bastion, () =>
      bastion.ssh("9.2", ["-T", ...jump], { input }),
    );
    assert.equal(result.status, 3);
    assert.equal(bytesOf(recorded, "stdin").toString(), input);
    assert.equal(bytesOf(recorded, "stdout").toString(), "one\n");
    assert.equal(bytesOf(recorded, "stderr").toString(), "two\n");
    assert.deepEqual(recorded.channels[0]?.start, { kind: "shell" });
    assert.deepEqual(recorded.channels[0].exit, { status: 3 });
  });

  const transfers = {
    sftp: async (options: string[], file: string, copy: string) =>
      runProgram(
        openssh("9.2").sftp,
        ["-F", bastion.sshConfig, ...options, ...["-J", "bastion", "-b", "-"], "prod"],
        {
          input: `put ${file} ${copy}\nget ${copy} ${copy}.back\n`,
        },
      ),
    scp: async (options: string[], file: string, copy: string) =>
      runProgram(openssh("9.2").scp, [
        "-F",
        bastion.sshConfig,
        ...options,
        "-J",
        "bastion",
        file,
        `prod:${copy}`,
      ]),
    "scp -O": async (options: string[], file: string, copy: string) =>
      runProgram(openssh("9.2").scp, [
        "-F",
        bastion.sshConfig,
        ...options,
        "-OJ",
        "bastion",
        file,
        `prod:${copy}`,
      ]),
    rsync: async (options: string[], file: string, copy: string) => {
      const through = [openssh("9.2").ssh, "-F", bastion.sshConfig, ...options, "-J", "bastion"].join(" ");
      return runProgram(requireTool("rsync"), ["-e", through, file, `prod:${copy}`]);
    },
  };
  for (const [name, transfer] of Object.entries(transfers)) {
    it(`holds ${name}: what the target's end took and gave`, async () => {
      const target = teed();
      const [file, copy] = [join(target.folder, "file"), join(target.folder, "copy")];
      writeFileSync(file, randomBytes(200_000));
      const { result, recorded } = await recordedBy(bastion, () => transfer(target.options, file, copy));
      assert.equal(result.status, 0, result.stderr);
      assert.ok(readFileSync(copy).equals(readFileSync(file)));
      assert.ok(bytesOf(recorded, "stdin").equals(target.in()));
      assert.ok(bytesOf(recorded, "stdout").equals(target.out()));
      assert.ok(target.in().length > 200_000);
    });
  }

  it("holds a forward to somewhere, both ways", async () => {
    const far = await echoServer();
    const input = randomBytes(50_000);
    const { result, recorded } = await recordedBy(bastion, () =>
      bastion.ssh("9.2", ["-J", "bastion", "-W", `127.0.0.1:${far.port}`, "prod"], { input }),
    );
    assert.ok(result.stdout.equals(input));
    const [channel] = recorded.channels;
    assert.equal(channel?.kind, "direct-tcpip");
    assert.equal(channel.destination, `127.0.0.1:${far.port}`);
    assert.ok(bytesOf(recorded, "stdin").equals(far.taken()));
    assert.ok(bytesOf(recorded, "stdout").equals(input));
  });

  it("holds a forward from the target, opened by it", async () => {
    const near = await echoServer();
    const sent = randomBytes(50_000);
    const { result, recorded } = await recordedBy(bastion, async () => {
      const args = ["-F", bastion.sshConfig, "-NR", `0:127.0.0.1:${near.port}`, ...jump];
      const client = spawn(openssh("9.2").ssh, args, { env: programEnvironment() });
      closeAfterwards(() => endProcessTree(client.pid ?? 0));
      const port = await saidPort(client.stderr);
      const socket = connect(port, "127.0.0.1");
      socket.end(sent);
      const back = await buffer(socket);
      await endProcessTree(client.pid ?? 0);
      return back;
    });
    assert.ok(result.equals(sent));
    const channel = recorded.channels.find(({ kind }) => kind === "forwarded-tcpip");
    assert.equal(channel?.openedBy, "target");
    assert.ok(bytesOf(recorded, "stdout", channel.channel).equals(sent));
    assert.ok(bytesOf(recorded, "stdin", channel.channel).equals(sent));
  });

  it("keeps the channels of one connection apart", async () => {
    const socket = join(temporaryFolder("mux"), "s");
    const { recorded } = await recordedBy(bastion, async () => {
      const args = ["-F", bastion.sshConfig, "-MNS", socket, ...jump];
      const master = spawn(openssh("9.2").ssh, args, { env: programEnvironment(), stdio: "ignore" });
      closeAfterwards(() => endProcessTree(master.pid ?? 0));
      while (!existsSync(socket)) await sleep(20);
      const texts = ["first", "second", "third"];
      const all = texts.map((text) =>
        bastion.ssh("9.2", ["-S", socket, "prod", `cat; echo ${text}`], { input: text.repeat(20_000) }),
      );
      for (const { status } of await Promise.all(all)) assert.equal(status, 0);
      await endProcessTree(master.pid ?? 0);
    });
    assert.equal(recorded.channels.length, 3);
    for (const { channel, start } of recorded.channels) {
      const text = /echo (\w+)$/.exec(start?.kind === "exec" ? start.command : "")?.[1] ?? "";
      assert.equal(bytesOf(recorded, "stdin", channel).toString(), text.repeat(20_000));
      assert.equal(bytesOf(recorded, "stdout", channel).toString(), `${text.repeat(20_000)}${text}\n`);
    }
  });

  it("tells what was refused, and that it did not happen", async () => {
    const { result, recorded } = await recordedBy(bastion, () => ssh("-s", ...jump, "unheard-of"));
    assert.notEqual(result.status, 0);
    assert.deepEqual(detailsOf(recorded, FrameType.denied), [
      { what: "request subsystem", reason: "needs subsystem" },
    ]);
    assert.equal(recorded.channels[0]?.start, undefined);
  });

  it("holds the bastion's own words where they stood, and why the session was cut", async () => {
    const { result, recorded } = await recordedBy(bastion, async () => {
      const running = ssh(...jump, "echo ready; sleep 30");
      const live = await liveSession(bastion);
      await bastion.bascule(["kill", live, "--reason", "enough of this"]);
      return running;
    });
    assert.match(noticesOf(recorded), /^bascule: session ses-\w+ closed: .*enough of this/);
    assert.ok(result.stderr.includes(noticesOf(recorded)), result.stderr);
    const [cut] = detailsOf(recorded, FrameType.cut) as { reason: string }[];
    assert.equal(cut?.reason, "killed");
    const end = recorded.frames.at(-1);
    assert.equal(end?.type, FrameType.end);
    assert.equal((JSON.parse(end.payload.toString()) as { outcome: string }).outcome, "cut");
  });

  it("leaves no key in any process when the session is over, and never had one in control", async () => {
    const keys: Buffer[] = [];
    const found = (kind: "control" | "proxy"): boolean[] =>
      keys.map((key) => bastion.pidsOf(kind).some((pid) => isInMemory(pid, key)));
    await recordedBy(bastion, async () => {
      const before = new Set(recordingFiles(bastion.recordings));
      const client = openTerminal(openssh("9.2").ssh, ["-F", bastion.sshConfig, "-tt", ...jump]);
      await client.waitFor(/[$#] $/);
      client.type("echo typed\r");
      await client.waitFor(/typed\r\n[^]*[$#] $/);
      const path = recordingFiles(bastion.recordings).find((each) => !before.has(each)) ?? "";
      keys.push(...(await keysOf(path, bastion)));
      assert.deepEqual(found("proxy"), [true, true]);
      assert.deepEqual(found("control"), [false, false]);
      client.type("exit\r");
      await client.ended;
    });
    while (found("proxy").includes(true)) await sleep(50); // the end is in the file before it is synced
  });
});

/** A recording's data key and apart key, opened with what `init` made. */
async function keysOf(path: string, { auditorKey, apartAuditorKey }: Bastion): Promise<Buffer[]> {
  const { keys } = await readWrappedKeys(path);
  const open = (file: string, opens: "data" | "apart") =>
    unwrapDataKey(keys, [parseAuditorPrivateKey(readFileSync(file, "utf8"))], opens);
  return Promise.all([open(auditorKey, "data"), open(apartAuditorKey, "apart")]);
}

function isRequest(name: string): (frame: Frame) => boolean {
  return ({ type, payload }) =>
    type === FrameType.channelRequest && payload.subarray(4, 4 + payload.readUInt32BE(0)).toString() === name;
}

async function liveSession(bastion: Bastion): Promise<string> {
  let live: { session: string } | undefined;
  await until("a session is live", async () => {
    [live] = (await bastion.json(["sessions", "--live"])) as { session: string }[];
    return live !== undefined;
  });
  return live?.session ?? "";
}

/** Gives back what it takes, and keeps it. */
async function echoServer(): Promise<{ port: number; taken: () => Buffer }> {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on("data", (chunk: Buffer) => chunks.push(chunk)).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterwards(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as AddressInfo).port, taken: () => Buffer.concat(chunks) };
}

/** The port that `ssh -R 0:…` says it got. */
function saidPort(stderr: NodeJS.ReadableStream): Promise<number> {
  return new Promise((resolve) => {
    let said = "";
    stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const port = /Allocated port (\d+)/.exec(said)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}
