import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  encodeAuditorPrivateKey,
  encodeAuditorPublicKey,
  FrameType,
  generateAuditorKey,
  openRecording,
  parseAuditorPrivateKey,
  type Frame,
} from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { person, type Person } from "../harness/person.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { recordingFiles } from "../harness/recorded.js";
import { makeKey } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { requireTool } from "../harness/tools.js";
import { until } from "../harness/until.js";
import { blocksOf } from "../unit/recording/recording-on-disk.js";
import { gathered } from "../unit/recording/samples.js";

const SECRET = "horse-battery-staple";
const UNSEEN = "hunter2-unseen";
/** More than a stream block shows: ends it. */
const MUCH = "seq 14000 | tail -n 13999";

describe("e2e/redaction", function () {
  const folder = temporaryFolder("keys");
  let bastion: Bastion;
  let dave: Person;
  let erin: Person;
  let session: string;
  let path: string;

  function keyFile(name: string): { path: string; recipient: string } {
    const key = generateAuditorKey();
    const file = join(folder, `${name}.jwk`);
    writeFileSync(file, encodeAuditorPrivateKey(key), { mode: 0o600 });
    return { path: file, recipient: encodeAuditorPublicKey(key) };
  }

  before(async () => {
    const keys = { dave: await makeKey("dave"), erin: await makeKey("erin") };
    bastion = await startBastion({
      proxies: 1,
      settings: "redactors: [security]\nunsealers: [security]",
      identities: Object.entries(keys)
        .map(([name, key]) => `  ${name}: { groups: [security, auditors], keys: ["${key.publicLine}"] }`)
        .join("\n"),
    });
    dave = person(bastion, "dave", keys.dave);
    erin = person(bastion, "erin", keys.erin);
    await bastion.issue();
    await useShell();
    [path = ""] = recordingFiles(bastion.recordings);
    session = (await overSessions())[0]?.session ?? "";
  });

  /** A password is typed blindly and another one is shown; between them is much. */
  async function useShell(): Promise<void> {
    const terminal = person(bastion, "alice", bastion.alice).terminal(["prod"]);
    const run = async (line: string, wanted: RegExp): Promise<void> => {
      terminal.type(`${line}\r`);
      await terminal.waitFor(wanted);
    };
    await run("PS1='$ '; bind 'set enable-bracketed-paste off'; echo rea''dy", /ready\r\n\$ /u);
    await run("echo wa''it; read -rs x; echo tak''en", /wait\r\n/u);
    await run(UNSEEN, /taken\r\n\$ /u);
    await run(MUCH, /\n14000\r\n\$ /u);
    await run(`echo ${SECRET}`, /staple\r\n.*staple\r\n\$ /su);
    await run(MUCH, /\n14000\r\n\$ /u);
    await run("echo af''ter; exit", /after\r\n/u);
    await terminal.ended;
  }

  async function overSessions(): Promise<readonly { session: string; isLive: boolean }[]> {
    for (;;) {
      const rows = (await bastion.json(["sessions", "--all"])) as { session: string; isLive: boolean }[];
      if (rows.length > 0 && rows.every(({ isLive }) => !isLive)) return rows;
    }
  }

  /** All frames, as an auditor's key opens them, and with a second key also what was typed. */
  async function framesOf(key: string, second?: string): Promise<Frame[]> {
    const keysOf = (file: string) => [parseAuditorPrivateKey(readFileSync(file, "utf8"))];
    const reader = await openRecording(path, keysOf(key), second === undefined ? undefined : keysOf(second));
    try {
      return await gathered(reader.frames());
    } finally {
      await reader.close();
    }
  }
  const typedBy = (frames: readonly Frame[]): string =>
    Buffer.concat(
      frames.filter(({ direction }) => direction === "client").map(({ payload }) => payload),
    ).toString();
  const exported = async (): Promise<string> => {
    const { status, stdout, stderr } = await bastion.bascule(["export", path, "--format", "jsonl", "--keys"]);
    assert.equal(status, 0, stderr);
    return stdout.toString();
  };
  const exitOf = async (running: Promise<ProgramResult>): Promise<number | null> => (await running).status;

  it("keeps what was typed blindly from who has the auditor's key alone", async () => {
    const text = await exported();
    assert.match(text, new RegExp(SECRET, "u"));
    assert.match(text, /"text":"•{14}\\r"/u);
    assert.doesNotMatch(text, new RegExp(UNSEEN, "u"));
    assert.match(
      typedBy(await framesOf(bastion.auditorKey, bastion.apartAuditorKey)),
      new RegExp(`${UNSEEN}\r`, "u"),
    );
  });

  it("destroys a stretch when two people say so, and proves the rest", async () => {
    const before = readFileSync(path);
    const frames = await framesOf(bastion.auditorKey, bastion.apartAuditorKey);
    const shown = frames.find(({ type, payload }) => type === FrameType.typed && payload.includes(SECRET));
    assert.ok(shown);
    const opened = frames.find(({ type }) => type === FrameType.channelOpen)?.atUs ?? 0;
    const at = ((shown.atUs - opened) / 1e6).toFixed(3);
    const reason = "a password was shown; it's alice's";
    const wish = ["redact", path, "--from", at, "--to", at, "--reason", reason];
    const fromStart = ["redact", path, "--from", "0:00", "--to", at, "--reason", reason];
    const [found, all] = await Promise.all([bastion.bascule(wish), bastion.bascule(fromStart)]);
    assert.equal(found.status, 0, found.stderr);
    const beginning = /Block 2 has how the session began/u;
    assert.ok(beginning.test(all.stderr) && !beginning.test(found.stderr), all.stderr);

    const asked = await dave.paste(found.stdout.toString());
    assert.equal(asked.status, 0, asked.stderr);
    const redaction = /^red-[0-9a-z]+/u.exec(asked.stdout.toString())?.[0] ?? "";
    assert.equal(await exitOf(dave.ssh(["bastion", "approve", redaction])), 3);
    assert.equal(
      await exitOf(person(bastion, "alice", bastion.alice).ssh(["bastion", "approve", redaction])),
      4,
    );
    assert.deepEqual(readFileSync(path), before);
    const approved = await erin.ssh(["bastion", "approve", redaction]);
    assert.equal(approved.status, 0, approved.stderr);

    const after = readFileSync(path);
    const gone = blocksOf(before).filter(
      (block, number) => !blocksOf(after)[number]?.bytes.equals(block.bytes),
    );
    assert.ok(gone.length > 0 && gone.every(({ bytes }) => !after.includes(bytes.subarray(3))));
    assert.deepEqual(readdirSync(dirname(path)), [basename(path)]);
    for (const second of [undefined, bastion.apartAuditorKey]) {
      const left = await framesOf(bastion.auditorKey, second);
      assert.equal(
        left.some(({ payload }) => payload.includes("staple")),
        false,
      );
      assert.equal(typedBy(left).includes("staple"), false);
      for (const kept of ["ready", "taken", "after"])
        assert.ok(
          left.some(({ payload }) => payload.includes(kept)),
          kept,
        );
    }
    const played = await bastion.bascule(["export", path, "--format", "text"]);
    const placeholder = `[redacted: ${reason} (asked by dave, approved by erin, ${redaction})]`;
    assert.equal(played.stdout.toString().split(placeholder).length, 2);
    await until("a checkpoint says so too", async () => {
      const { sessions } = (await bastion.json(["verify"])) as { sessions: { redacted: number } };
      return sessions.redacted === 1;
    });
  });

  it("opens for an auditor who was added later, and for no stranger", async () => {
    const [carol, stranger] = [keyFile("carol"), keyFile("stranger")];
    const wraps = (to: string, key: string) => bastion.bascule(["rewrap", session, "--to", to, "--key", key]);
    assert.equal(await exitOf(wraps(carol.recipient, stranger.path)), 77);
    assert.equal(await exitOf(wraps(carol.recipient, bastion.auditorKey)), 0);
    assert.ok((await framesOf(carol.path)).length > 0);
    await assert.rejects(framesOf(stranger.path), { code: "key-not-for-us" });
    await assert.rejects(framesOf(carol.path, carol.path), { code: "key-not-for-us" });
  });

  it("unseals what was typed for an auditor when somebody else permits it", async () => {
    const auditor = parseAuditorPrivateKey(readFileSync(bastion.auditorKey, "utf8"));
    const to = encodeAuditorPublicKey(auditor);
    const made = await bastion.bascule(["unseal", path, "--to", to, "--key", bastion.apartAuditorKey]);
    assert.equal(made.status, 0, made.stderr);
    const unseal = (who: Person, name: string) =>
      exitOf(
        who.ssh(
          ["bastion", "unseal", session, "--for", name, "--to", to, "--reason", "'INC-42 who knew'", "-"],
          {
            input: made.stdout,
          },
        ),
      );
    assert.equal(await unseal(dave, "dave"), 3);
    await assert.rejects(framesOf(bastion.auditorKey, bastion.auditorKey), { code: "key-not-for-us" });
    assert.equal(await unseal(dave, "erin"), 0);
    assert.match(typedBy(await framesOf(bastion.auditorKey, bastion.auditorKey)), new RegExp(UNSEEN, "u"));
  });

  it("has all of it in the ledger, in this order", async () => {
    const of = /^(?:redaction|recording\.(?:redacted|rewrapped|unsealed))/u;
    const events = (await ledgerNow(bastion.home)).filter(({ type }) => of.test(type));
    assert.deepEqual(
      events.map((event) => [event.type, "by" in event ? event.by : undefined]),
      [
        ["redaction.asked", "dave"],
        ["redaction.approved", "erin"],
        ["recording.redacted", undefined],
        ["recording.rewrapped", "admin@local"],
        ["recording.unsealed", "dave"],
        ["recording.rewrapped", "dave"],
      ],
    );
  });

  it("can be proven elsewhere as it is now, to us and to Go", async () => {
    const out = join(temporaryFolder(), "out");
    const { status, stderr } = await bastion.bascule(["proof", session, "--out", out]); // verifies what it wrote
    assert.equal(status, 0, stderr);
    const [log = ""] = readFileSync(join(out, "ledger/verifiers"), "utf8").split("\n");
    const go = await runProgram(requireTool("bundle-check"), [out, log]);
    assert.deepEqual([go.status, go.stderr], [0, ""]);
  });
});
