import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { homeSource, verifyEvidence, type EvidenceFault } from "../../src/evidence/index.js";
import { program, startBastion, type Bastion } from "../harness/bastion.js";
import { person, type Person } from "../harness/person.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { requireTool } from "../harness/tools.js";

interface ListedSession {
  readonly session: string;
}

/** Every so many bytes one is changed: in other places of each file, and in none twice. */
const STRIDE = 97;

describe("e2e/proof", function () {
  let bastion: Bastion;
  let bob: Person;
  let verifier = "";
  /** The session that is proven, and another. */
  let ids: readonly string[] = [];
  /** The bundle as the auditor unpacked it. */
  let bundle = "";
  /** The other session's, taken from files. */
  let other = "";

  before(async () => {
    bastion = await startBastion({ proxies: 1 });
    await bastion.issue();
    for (const input of ["one\n", "two\n"])
      assert.equal((await bastion.ssh("9.2", ["-J", "bastion", "prod", "cat"], { input })).status, 0);
    while (((await bastion.json(["sessions", "--live"])) as unknown[]).length > 0);
    ids = ((await bastion.json(["sessions"])) as ListedSession[]).map(({ session }) => session).sort();
    assert.equal(ids.length, 2);
    bob = person(bastion, "bob", bastion.bob);
    [verifier = ""] = readFileSync(join(bastion.home, "ledger/verifiers"), "utf8").split("\n");
    const taken = await bob.ssh(["bastion", "proof", ids[0] ?? ""]);
    assert.deepEqual([taken.status, taken.stderr], [0, ""]);
    bundle = await unpack(taken.stdout);
    other = join(temporaryFolder(), "other");
    const { status, stdout, stderr } = await bastion.bascule(["proof", prefix(ids[1]), "--out", other]);
    assert.deepEqual([status, stdout.toString()], [0, `${other}\n`], stderr);
  });

  const prefix = (id = "") => id.slice(0, 9);

  /** With the real tar, in a folder of its own. */
  async function unpack(archive: Buffer): Promise<string> {
    const folder = temporaryFolder();
    const { status, stderr } = await runProgram("tar", ["-x", "-f", "-"], { input: archive, cwd: folder });
    assert.deepEqual([status, stderr], [0, ""]);
    return folder;
  }

  /** `bascule verify` as on a machine that has no bastion and never had. */
  function verify(folder: string, ...args: readonly string[]): Promise<ProgramResult> {
    const env = { HOME: "/nonexistent", BASCULE_HOME: "" };
    const words = ["verify", folder, "--verifier", verifier, ...args];
    return runProgram(process.execPath, [program, ...words], { env, cwd: temporaryFolder() });
  }

  function copyOf(folder: string): string {
    const copy = join(temporaryFolder(), "copy");
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith(".sock") });
    return copy;
  }

  async function faultsOf(folder: string): Promise<readonly EvidenceFault[]> {
    const source = homeSource({ home: folder, recordings: join(folder, "recordings") });
    return (await verifyEvidence(source, { verifiers: [verifier] })).faults;
  }

  const filesOf = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => statSync(join(folder, name)).isFile())
      .sort();

  it("comes over ssh as an archive that verifies elsewhere, moved, with counts", async () => {
    const moved = join(temporaryFolder(), "moved");
    renameSync(copyOf(bundle), moved);
    const { status, stdout, stderr } = await verify(moved);
    assert.equal(status, 0, stdout.toString() + stderr);
    assert.match(stdout.toString(), /sessions +1: 1 whole\n/u);
    assert.match(stdout.toString(), /recordings +1 checked/u);
    assert.match(stdout.toString(), /policies +1\n/u);
    assert.match(stdout.toString(), /\neverything that was checked is whole and unchanged\n$/u);
    assert.match(readFileSync(join(moved, "README"), "utf8"), new RegExp(`^Session ${ids[0] ?? ""}\n`, "u"));
    const keys = await verify(moved, "--key", bastion.auditorKey);
    assert.equal(keys.status, 0, keys.stdout.toString());
    const go = await runProgram(requireTool("bundle-check"), [moved, verifier]);
    assert.deepEqual([go.status, go.stderr], [0, ""]);
  });

  it("is written down as taken, and has that itself", () => {
    const taken = filesOf(join(bundle, "entries"))
      .map((name) => readFileSync(join(bundle, "entries", name), "utf8"))
      .filter((text) => text.includes('"recording.read"'));
    assert.equal(taken.length, 1);
    assert.match(taken[0] ?? "", /"by":"bob","how":"proof"/u);
  });

  it("is for auditors, and for no terminal", async () => {
    const alice = person(bastion, "alice", bastion.alice);
    assert.equal((await alice.ssh(["bastion", "proof", ids[0] ?? ""])).status, 77);
    const onTerminal = await bob.ssh(["-tt", "bastion", "proof", ids[0] ?? ""]);
    assert.equal(onTerminal.status, 2);
    assert.match(onTerminal.stderr, /no terminal takes them\r?\n +without -t: ssh bastion proof ses-/u);
    assert.equal((await bob.ssh(["bastion", "proof", "ses-nosuch"])).status, 4);
  });

  it("is taken from the files of a home as well, into a new folder only", async () => {
    assert.deepEqual(await faultsOf(other), []);
    assert.equal(statSync(other).mode & 0o077, 0);
    const again = await bastion.bascule(["proof", prefix(ids[1]), "--out", other]);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /is there already/u);
    const home = copyOf(bastion.home);
    const archive = await runProgram(process.execPath, [program, "--home", home, "proof", prefix(ids[1])]);
    assert.equal(archive.status, 0, archive.stderr);
    assert.match(archive.stderr, /no bastion answers/u);
    assert.deepEqual(await faultsOf(await unpack(archive.stdout)), []);
  });

  it("names the file of any changed byte, or what stands on it", async () => {
    const copy = copyOf(bundle);
    let at = 0;
    for (const name of filesOf(copy)) {
      const path = join(copy, name);
      const bytes = readFileSync(path);
      for (; at < bytes.length; at += STRIDE) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
        writeFileSync(path, changed);
        const faults = await faultsOf(copy);
        assert.ok(
          faults.some(({ where, detail }) => where === name || detail.includes(name)),
          `${name} at ${at}: ${JSON.stringify(faults)}`,
        );
      }
      at -= bytes.length;
      writeFileSync(path, bytes);
    }
    assert.deepEqual(await faultsOf(copy), []);
  });

  describe("with another session's files", () => {
    const recordingIn = (folder: string) =>
      filesOf(folder).find((name) => name.endsWith(".bsr")) ?? assert.fail();

    it("finds a recording swapped in", async () => {
      const copy = copyOf(bundle);
      const name = recordingIn(copy);
      cpSync(join(other, recordingIn(other)), join(copy, name));
      const { status, stdout } = await verify(copy);
      assert.equal(status, 5);
      assert.match(
        stdout.toString(),
        new RegExp(`^WRONG {2}${name} {2}recording-mismatch: .*${ids[0] ?? ""}`, "u"),
      );
    });

    it("finds an entry left out with its proof, and one of another session", async () => {
      const entries = filesOf(join(bundle, "entries")).filter((name) => name.endsWith(".json"));
      for (const name of entries) {
        const copy = copyOf(bundle);
        for (const gone of [name, name.replace(".json", ".tlog-proof")]) rmSync(join(copy, "entries", gone));
        assert.notDeepEqual(await faultsOf(copy), [], name);
      }
      const copy = copyOf(bundle);
      for (const name of filesOf(join(other, "entries")).filter(
        (one) => !existsSync(join(copy, "entries", one)),
      ))
        cpSync(join(other, "entries", name), join(copy, "entries", name));
      const codes = (await faultsOf(copy)).map(({ code }) => code);
      assert.ok(codes.includes("bundle-incomplete") || codes.includes("proof-invalid"), codes.join());
    });

    it("finds the proof of another session, and a bundle without its ledger", async () => {
      const copy = copyOf(bundle);
      cpSync(join(other, "session.tlog-proof"), join(copy, "session.tlog-proof"));
      assert.deepEqual(
        (await faultsOf(copy)).map(({ code, where }) => `${where} ${code}`),
        ["session.tlog-proof proof-invalid"],
      );
      rmSync(join(copy, "ledger"), { recursive: true });
      const { status, stdout } = await verify(copy);
      assert.equal(status, 5);
      assert.match(stdout.toString(), /^WRONG {2}ledger\/checkpoint {2}checkpoint-missing/mu);
    });
  });
});
