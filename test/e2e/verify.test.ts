import assert from "node:assert/strict";
import { copyFileSync, cpSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { generateAuditorKey, encodeAuditorPrivateKey } from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { recordingFiles } from "../harness/recorded.js";
import { temporaryFolder } from "../harness/temporary.js";

/** Sessions, each with a recording in which a byte is changed four times. */
const sessions = 10;

interface Verdict {
  readonly recordings: number;
  readonly faults: readonly { session: string; code: string }[];
}

describe("e2e/verify", () => {
  let bastion: Bastion;
  let files: string[];
  let originals: string;
  before(async function () {
    this.timeout(90_000);
    bastion = await startBastion();
    await bastion.issue();
    for (let count = 1; count <= sessions; count++) {
      const input = `line ${count}\n`.repeat(200 * count);
      const { status } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "cat; exit 9"], { input });
      assert.equal(status, 9);
    }
    while (((await bastion.json(["sessions", "--live"])) as unknown[]).length > 0);
    files = recordingFiles(bastion.recordings);
    originals = temporaryFolder("originals");
    for (const file of files) copyFileSync(file, join(originals, basename(file)));
  });
  afterEach(() => {
    for (const file of files) copyFileSync(join(originals, basename(file)), file);
  });

  async function verdict(): Promise<{ status: number | null; verdict: Verdict; stdout: string }> {
    const { status, stdout } = await bastion.bascule(["verify", "--json"]);
    return { status, verdict: JSON.parse(stdout.toString()) as Verdict, stdout: stdout.toString() };
  }

  describe("over the running bastion", () => {
    it("passes what nobody touched", async () => {
      const { status, stdout, stderr } = await bastion.bascule(["verify"]);
      assert.equal(status, 0);
      assert.match(
        stdout.toString(),
        /^\d+ ledger entries and 10 recordings checked, 0 interrupted, 0 at fault\n$/,
      );
      assert.match(stderr, /^ledger: \d+ entries, numbers and hashes are whole\n$/);
    });

    const places = {
      "near the beginning": (length: number) => Math.floor(Math.random() * Math.min(length, 100)),
      "in the header and the keys": (length: number) => Math.floor(Math.random() * length * 0.4),
      anywhere: (length: number) => Math.floor(Math.random() * length),
      "at the end": (length: number) => length - 1,
    };
    for (const [where, place] of Object.entries(places))
      it(`names every recording with one byte changed ${where}`, async () => {
        const changed = files.map((file) => flip(file, place));
        const found = await verdict();
        assert.equal(found.status, 5);
        const named = found.verdict.faults.map(({ session }) => session);
        assert.deepEqual(named.sort(), files.map(sessionOf).sort(), changed.join(", "));
      });

    it("names one that ends too early, one that is gone, and two that changed places", async () => {
      const [short = "", gone = "", first = "", second = ""] = files;
      writeFileSync(short, readFileSync(short).subarray(0, -100));
      rmSync(gone);
      swap(first, second);
      const { status, stdout, stderr } = await bastion.bascule(["verify"]);
      assert.equal(status, 5);
      const line = (file: string, fault: string) =>
        assert.match(
          stdout.toString(),
          new RegExp(`^${sessionOf(file)}  ${fault}.*${basename(file)}`, "m"),
          stderr,
        );
      line(short, "head-mismatch: ");
      line(gone, "read-failed: the recording is missing");
      line(first, "head-mismatch: ");
      line(second, "head-mismatch: ");
      assert.match(stdout.toString(), /10 recordings checked, 0 interrupted, 4 at fault/);
    });
  });

  describe("from files alone", () => {
    it("refuses to open a ledger that a bastion writes", async () => {
      const { status, stderr } = await bastion.bascule(["verify", bastion.home]);
      assert.equal(status, 75);
      assert.match(stderr, /in use by a running bastion\n {2}ask it: bascule verify\n/);
    });

    it("opens every seal with an auditor's key, and names what does not open", async () => {
      const args = ["verify", bastion.recordings, "--key", bastion.auditorKey];
      assert.equal((await bastion.bascule(args)).status, 0);
      const changed = files.map((file) => flip(file, (length) => Math.floor(Math.random() * length)));
      const { status, stdout } = await bastion.bascule(args);
      assert.equal(status, 5);
      assert.equal(
        stdout.toString().match(/^WRONG {2}/gm)?.length,
        sessions,
        `${changed.join(", ")}\n${stdout.toString()}`,
      );
      assert.match(stdout.toString(), /\n10 checked, 10 at fault\n$/);
    });

    it("says so when the key is not for them", async () => {
      const key = join(temporaryFolder("key"), "other.jwk");
      writeFileSync(key, encodeAuditorPrivateKey(generateAuditorKey()), { mode: 0o600 });
      const { status, stdout } = await bastion.bascule(["verify", bastion.recordings, "--key", key]);
      assert.equal(status, 77);
      assert.match(stdout.toString(), /key-not-for-us/);
    });

    it("knows a recording under another's name without any key", async () => {
      const [first = "", second = ""] = files;
      swap(first, second);
      const { status, stdout } = await bastion.bascule(["verify", bastion.recordings]);
      assert.equal(status, 5);
      assert.match(
        stdout.toString(),
        new RegExp(`${sessionOf(first)}\\.bsr {2}other-session: .*${sessionOf(second)}`),
      );
      assert.match(stdout.toString(), /2 at fault/);
    });

    describe("with the ledger of a home", () => {
      let home: string;
      before(async function () {
        this.timeout(30_000);
        await bastion.stop();
        home = join(temporaryFolder("home"), "home");
        cpSync(bastion.home, home, { recursive: true });
      });

      it("passes what nobody touched", async () => {
        const { status, stdout } = await bastion.bascule(["verify", bastion.home]);
        assert.equal(status, 0, stdout.toString());
        assert.match(stdout.toString(), /\n11 checked, 0 at fault\n$/);
      });

      it("names every changed byte, what is missing, and what was never recorded", async () => {
        const [gone = "", ...others] = files;
        rmSync(gone);
        for (const file of others) flip(file, (length) => Math.floor(Math.random() * length));
        const stranger = join(bastion.recordings, "ses-000000000000.bsr");
        copyFileSync(join(originals, basename(gone)), stranger);
        const { status, stdout } = await bastion.bascule(["verify", bastion.home, "--json"]);
        rmSync(stranger);
        assert.equal(status, 5);
        const wrong = (JSON.parse(stdout.toString()) as { path: string; ok: boolean }[]).filter(
          ({ ok }) => !ok,
        );
        assert.deepEqual(
          wrong.map(({ path }) => basename(path)).sort(),
          [...files, stranger].map((file) => basename(file)).sort(),
        );
      });

      // LevelDB passes over the rest of a log from a damaged record on: the ledger then ends early, and is whole. That
      // is seen here by the recordings whose sessions it no longer has; without those it needs a checkpoint.
      it("finds a byte changed in the ledger's values", async () => {
        const changed = readdirSync(join(home, "journal")).flatMap((name) => {
          const file = join(home, "journal", name);
          const bytes = readFileSync(file);
          const at = bytes.lastIndexOf("session.started");
          if (at === -1) return [];
          bytes.writeUInt8((bytes[at + 3] ?? 0) ^ 1, at + 3);
          writeFileSync(file, bytes);
          const entry = bytes.subarray(Math.max(0, bytes.lastIndexOf("{", at)), at + 200).toString("latin1");
          return /ses-[0-9a-z]{12}/.exec(entry)?.[0] ?? [];
        });
        assert.equal(changed.length, 1);
        const { status, stdout, stderr } = await bastion.bascule(["verify", home]);
        assert.equal(status, 5, stderr + stdout.toString());
        assert.match(
          stdout.toString(),
          new RegExp(`^WRONG {2}(\\S+journal|.* has no session ${changed[0] ?? ""}\\n)`, "m"),
        );
      });
    });
  });
});

function sessionOf(file: string): string {
  return basename(file, ".bsr");
}

/** Changes one bit of one byte; tells where. */
function flip(file: string, place: (length: number) => number): string {
  const bytes = readFileSync(file);
  const at = place(bytes.length);
  bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << Math.floor(Math.random() * 8)), at);
  writeFileSync(file, bytes);
  return `${sessionOf(file)} at ${at}`;
}

function swap(one: string, other: string): void {
  renameSync(one, `${one}.away`);
  renameSync(other, one);
  renameSync(`${one}.away`, other);
}
