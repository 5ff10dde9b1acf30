import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { userInfo } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EvidenceReport } from "../../src/evidence/index.js";
import { encodeVerifierKey, generateSigner, parseVerifiers } from "../../src/ledger/index.js";
import { encodeAuditorPrivateKey, generateAuditorKey } from "../../src/recording/index.js";
import { program, startBastion, type Bastion } from "../harness/bastion.js";
import { filesBelow } from "../harness/evidence-folder.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { missedChanges } from "../harness/missed-changes.js";
import { person, type Person } from "../harness/person.js";
import { recordingFiles } from "../harness/recorded.js";
import { programEnvironment, runProgram, type ProgramResult } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { startWitnessProcess } from "../harness/witness-process.js";

/**
 * A real bastion with a witness; alice's access, approved by bob's signature; a session that ended, one whose proxy was killed,
 * and one that is live. The tests follow each other: beside the running bastion first, then with its files alone.
 */
describe("e2e/verify", function () {
  let bastion: Bastion;
  let alice: Person;
  let bob: Person;
  /** A checkpoint that somebody kept from the beginning. */
  let kept: string;

  before(async () => {
    bastion = await startBastion({
      bobsGroups: ["approvers", "auditors"],
      roles,
      settings: "http: 127.0.0.1:0",
    });
    alice = person(bastion, "alice", bastion.alice);
    bob = person(bastion, "bob", bastion.bob);
    kept = join(temporaryFolder("kept"), "checkpoint.txt");
    copyFileSync(join(bastion.home, "ledger/checkpoint"), kept);
    const [log = ""] = readFileSync(join(bastion.home, "ledger/verifiers"), "utf8").split("\n");
    const witness = await startWitnessProcess(temporaryFolder("witness"), "w1.example", log);
    const line = `one: { url: "${witness.url}", key: "${witness.verifierKey}" }`;
    appendFileSync(bastion.configPath, `witnesses:\n  ${line}\n`);
    process.kill(bastion.pid, "SIGHUP");
    await openTheWay();
    const { status } = await alice.ssh(["prod", "cat; exit 9"], { input: "a line\n".repeat(2000) });
    assert.equal(status, 9);
    const interrupted = alice.terminal(["prod"]);
    await interrupted.waitFor(/[$#] $/);
    for (const pid of bastion.pidsOf("proxy")) process.kill(pid, "SIGKILL");
    await interrupted.ended;
    await until(async () => (await alice.ssh(["prod", "true"])).status === 0);
    await alice.terminal(["prod"]).waitFor(/[$#] $/);
    await until(async () => ((await bob.json(["sessions", "--live"])) as unknown[]).length === 1);
    await until(() => existsSync(join(bastion.home, "ledger/checkpoint.witnessed")));
  });

  /** Alice asks under a role for which only signatures count, and bob signs. */
  async function openTheWay(): Promise<void> {
    const wish = ["prod", "--as", bastion.login, "--role", "careful", "--for", "20m", "--reason", "INC-42"];
    const asked = await alice.ssh(["bastion", "request", ...wish]);
    const line = /ssh approve\.\S+@bastion/.exec(asked.stdout.toString())?.[0];
    const approved = await bob.paste(line ?? assert.fail(asked.stdout.toString() + asked.stderr));
    assert.equal(approved.status, 0, approved.stderr);
    writeFileSync(alice.key.certificatePath, (await alice.ssh(["bastion", "cert"])).stdout);
  }

  const verify = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<ProgramResult> =>
    runProgram(process.execPath, [program, "verify", ...args], { env: { ...programEnvironment(), ...env } });
  const reportOf = ({ stdout, stderr }: ProgramResult): EvidenceReport => {
    assert.match(stdout.toString(), /^\{/, stderr);
    return JSON.parse(stdout.toString()) as EvidenceReport;
  };
  const places = ({ faults }: EvidenceReport) => faults.map(({ code, where }) => `${code} ${where}`);

  describe("beside the running bastion", () => {
    let url: string;
    const tokenOf = async (who: Person, only: string): Promise<string> => {
      const { stdout, stderr } = await who.ssh(["bastion", "token", "--for", "5m", "--only", only]);
      return stdout.toString().trim() || assert.fail(stderr);
    };
    before(() => {
      const address = /commands over HTTP on (http:\S+?)\/?\s/.exec(bastion.log())?.[1];
      url = `${address ?? assert.fail(bastion.log())}/v1/evidence`;
    });

    it("passes its files, with counts, and says what the key is worth", async () => {
      const { status, stdout, stderr } = await verify([bastion.home]);
      const said = stdout.toString();
      assert.equal(status, 0, said + stderr);
      assert.match(said, /^ledger +\d+ entries, the last of 20.* UTC$/m);
      assert.match(said, /^signed +by bastion\/[0-9a-f]{8}, by a key that came with it$/m);
      assert.match(
        said,
        /^witnessed +(all of it|the first \d+ entries, not the last \d+): w1\.example at .* \(its key came with it\)$/m,
      );
      assert.match(said, /^sessions +4: 2 whole, 1 interrupted, 1 live$/m);
      assert.match(said, /^recordings +4 checked, [\d.]+ KiB$/m);
      assert.match(said, /^approvals +1 quorum, 1 signed$/m);
      assert.match(said, /\neverything that was checked is whole and unchanged\n$/);
      assert.match(stderr, /give yours with --verifier/);
    });

    it("is an auditor's command over ssh", async () => {
      const { status, stdout, stderr } = await bob.ssh(["bastion", "verify"]);
      assert.equal(status, 0, stdout.toString() + stderr);
      assert.match(stdout.toString(), /^sessions +4: 2 whole, 1 interrupted, 1 live$/m);
      assert.equal((await alice.ssh(["bastion", "verify"])).status, 77);
    });

    it("is verified over HTTP with an auditor's token, and who fetched recordings is in the ledger", async () => {
      const env = { BASCULE_TOKEN: await tokenOf(bob, "verify") };
      const report = reportOf(await verify([url, "--json"], env));
      assert.deepEqual(places(report), []);
      assert.equal(report.recordings.checked, 4);
      const reads = (await ledgerNow(bastion.home)).filter((event) => event.type === "recording.read");
      assert.equal(reads.length, 4);
      assert.ok(reads.every(({ by, how }) => by === "bob" && how === "verify"));
    });

    it("shows evidence to nobody else", async () => {
      const { status, stderr } = await verify([url]);
      assert.equal(status, 77);
      assert.match(stderr, /ledger\/checkpoint: it wants an auditor's token: --token FILE/);
      const statusFor = async (token: string, path: string): Promise<number> =>
        (await fetch(`${url}/${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
      for (const token of [await tokenOf(alice, "verify"), await tokenOf(bob, "whoami")])
        assert.equal(await statusFor(token, "ledger/checkpoint"), 403);
      const token = await tokenOf(bob, "verify");
      for (const path of elsewhere) assert.equal(await statusFor(token, path), 404, path);
    });
  });

  describe("from files alone", () => {
    let copy: string;
    let keys: string;
    before(async () => {
      await bastion.stop();
      copy = join(temporaryFolder("copy"), "copy");
      for (const name of ["ledger", "recordings"])
        cpSync(join(bastion.home, name), join(copy, name), { recursive: true });
      keys = join(temporaryFolder("kept"), "verifiers.txt");
      copyFileSync(join(copy, "ledger/verifiers"), keys);
    });

    it("proves a copy with keys and a checkpoint that were kept elsewhere, and opens its seals", async () => {
      const given = ["--verifier", keys, "--checkpoint", kept, "--key", bastion.auditorKey];
      const report = reportOf(await verify([copy, "--json", ...given]));
      assert.deepEqual([places(report), report.notes], [[], []]);
      assert.deepEqual([report.isKeyGiven, report.olderCheckpoints], [true, 1]);
      assert.ok((report.witnessed?.size ?? 0) > 0);
      assert.ok(report.witnessed?.by.every(({ name, isGiven }) => name === "w1.example" && isGiven));
      const { total, whole, interrupted, live } = report.sessions;
      assert.deepEqual({ total, whole, interrupted, live }, { total: 4, whole: 3, interrupted: 1, live: 0 });
    });

    it("believes neither another key nor another ledger's checkpoint", async () => {
      const { log } = parseVerifiers(readFileSync(keys, "utf8"));
      const other = encodeVerifierKey(generateSigner(log.name).verifier);
      const { status, stdout } = await verify([copy, "--verifier", other]);
      assert.equal(status, 5);
      assert.match(stdout.toString(), /^WRONG {2}ledger\/checkpoint {2}checkpoint-signature: /m);
      const forged = join(temporaryFolder("forged"), "old.txt");
      writeFileSync(forged, readFileSync(kept, "utf8").replace(/\n\d+\n/, "\n7\n"));
      const older = await verify([copy, "--checkpoint", forged]);
      assert.equal(older.status, 5);
      assert.ok(older.stdout.toString().includes(`WRONG  ${forged}  checkpoint-signature: `));
      assert.equal((await verify([copy, "--verifier", "nonsense"])).status, 2);
    });

    it("looks at the recordings of a time only, and at the whole ledger", async () => {
      const report = reportOf(await verify([copy, "--json", "--until", "2020-01-01"]));
      assert.deepEqual([report.sessions.total, report.recordings.checked, report.faults], [0, 0, []]);
      assert.equal(reportOf(await verify([copy, "--json", "--since", "1h"])).recordings.checked, 4);
    });

    it("exits 5 and names each file, whatever is done to it", async () => {
      const [gone = "", changed = ""] = recordingFiles(join(copy, "recordings"));
      const before = readFileSync(changed);
      const at = before.length >> 1;
      const after = Buffer.from(before);
      after.writeUInt8((after[at] ?? 0) ^ 0x10, at);
      writeFileSync(changed, after);
      const kept = readFileSync(gone);
      rmSync(gone);
      const { status, stdout } = await verify([copy, "--key", bastion.auditorKey]);
      writeFileSync(changed, before);
      writeFileSync(gone, kept);
      assert.equal(status, 5);
      const named = (path: string) => path.slice(copy.length + 1);
      assert.ok(stdout.toString().includes(`WRONG  ${named(gone)}  recording-missing: `), stdout.toString());
      const wrong = new RegExp(`^WRONG {2}${named(changed)} {2}recording-mismatch: byte (\\d+), `, "m");
      assert.ok(Number(wrong.exec(stdout.toString())?.[1]) <= at, stdout.toString());
      assert.match(stdout.toString(), /\n2 faults: this evidence is not whole, or was changed\n$/);
    });

    it("finds each change of each file: bytes, length, absence, places", async () => {
      assert.deepEqual(await missedChanges(filesBelow(copy), { seed: 4, places: 12 }), []);
    });

    it("checks a recording alone for its form, and with a key for every seal", async () => {
      const [file = "", other = ""] = recordingFiles(join(copy, "recordings"));
      const renamed = join(temporaryFolder("renamed"), basename(other));
      copyFileSync(file, renamed);
      const alone = await verify([file, renamed]);
      assert.equal(alone.status, 5);
      assert.match(
        alone.stdout.toString(),
        /^ok {2}.*\nWRONG {2}.*other-session: .*\n2 checked, 1 at fault\n$/,
      );
      assert.match(alone.stderr, /without its ledger or --key/);
      assert.equal((await verify([join(copy, "recordings"), "--key", bastion.auditorKey])).status, 0);
      const key = join(temporaryFolder("key"), "other.jwk");
      writeFileSync(key, encodeAuditorPrivateKey(generateAuditorKey()), { mode: 0o600 });
      const lockedOut = await verify([file, "--key", key]);
      assert.deepEqual([lockedOut.status, /key-not-for-us/.test(lockedOut.stdout.toString())], [77, true]);
    });
  });
});

/** What lies in a home and is no evidence, and what would lead there. */
const elsewhere = [
  "keys/ledger",
  "ledger/../keys/ledger",
  "ledger/%2e%2e/keys/ledger",
  "ledger/tile/0",
  "salts",
];

const roles = `  careful:
    groups: [engineers]
    targets: { env: prod }
    logins: [${userInfo().username}]
    maxDuration: 1h
    approvals: { count: 1, from: [approvers], signed: true }
    channels: [shell, exec]`;

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(50);
}
