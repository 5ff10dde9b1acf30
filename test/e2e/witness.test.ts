import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { homeSource, verifyEvidence } from "../../src/evidence/index.js";
import {
  encodeVerifierKey,
  generateSigner,
  openCosignatures,
  openCheckpoint,
  parseVerifiers,
} from "../../src/ledger/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { checkLedger } from "../harness/check-ledger.js";
import { startReceiver, type Receiver } from "../harness/receiver.js";
import { temporaryFolder } from "../harness/temporary.js";
import { startWitnessProcess, type WitnessProcess } from "../harness/witness-process.js";

interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

describe("e2e/witness", function () {
  let bastion: Bastion;
  let one: WitnessProcess;
  let two: WitnessProcess;
  let receiver: Receiver;
  let bare = "";
  const files = (name: string) => readFileSync(join(bastion.home, "ledger", name), "utf8");
  const sizeNow = () => openCheckpoint(files("checkpoint"), parseVerifiers(files("verifiers")).log).size;

  /** Resolves when the bastion has logged this of a witness, after the first `from` characters of its log. */
  async function isSaid(message: string, witness: string, from = 0): Promise<void> {
    while (!bastion.log().includes(`${message} witness=${witness} `, from)) await sleep(20);
  }

  /** Resolves when a witness has cosigned a checkpoint of that size or larger. */
  async function hasCosigned(key: string, size: number): Promise<void> {
    for (;;) {
      const { log, witnesses } = parseVerifiers(files("verifiers"));
      const note =
        existsSync(join(bastion.home, "ledger/checkpoint.witnessed")) && files("checkpoint.witnessed");
      if (note && openCheckpoint(note, log).size >= size)
        if (openCosignatures(note, witnesses).some(({ name }) => name === key)) return;
      await sleep(20);
    }
  }

  async function doctor(): Promise<readonly Finding[]> {
    const { stdout } = await bastion.bascule(["doctor", "--json"]);
    return JSON.parse(stdout.toString()) as Finding[];
  }

  /** `doctor`'s line about a witness. */
  async function lineOf(name: string, found?: readonly Finding[]): Promise<Finding> {
    const line = (found ?? (await doctor())).find(({ check }) => check === `witness ${name}`);
    return line ?? assert.fail(`doctor has no line about ${name}`);
  }

  function reloadWith(witnesses: Readonly<Record<string, { url: string; verifierKey: string }>>): void {
    const lines = Object.entries(witnesses).map(
      ([name, { url, verifierKey }]) => `  ${name}: { url: "${url}", key: "${verifierKey}" }\n`,
    );
    writeFileSync(bastion.configPath, `${bare}witnesses:\n${lines.join("")}`);
    process.kill(bastion.pid, "SIGHUP");
  }

  before(async () => {
    receiver = await startReceiver();
    bastion = await startBastion({
      proxies: 1,
      settings: `webhooks: { siem: { url: "${receiver.url}", format: slack, events: ["witness.*"] } }`,
    });
    bare = readFileSync(bastion.configPath, "utf8");
    const folder = temporaryFolder();
    const [log = ""] = files("verifiers").split("\n");
    [one, two] = await Promise.all([
      startWitnessProcess(folder, "w1.example", log),
      startWitnessProcess(folder, "w2.example", log),
    ]);
  });

  it("takes up witnesses on a reload, keeps what they cosign and their keys, and sees one that lies", async () => {
    const { url } = await startReceiver((_, response) => response.end("— w9.example AAAAAAAAAAA=\n"));
    const verifierKey = encodeVerifierKey(generateSigner("w9.example", "cosignature").verifier);
    reloadWith({ one, two, liar: { url, verifierKey } });
    await Promise.all([
      hasCosigned("w1.example", 1),
      hasCosigned("w2.example", 1),
      isSaid("witness refuses", "liar"),
    ]);
    const [notice] = await receiver.got(1);
    assert.match(notice?.body ?? "", /Witness liar does not sign: .*signature-missing/u);
    const found = await doctor();
    assert.deepEqual(
      await Promise.all(["one", "two", "liar"].map(async (name) => (await lineOf(name, found)).ok)),
      [true, true, false],
    );
    assert.match((await lineOf("liar", found)).detail, /: signature-missing since/u);
    const { log, witnesses } = parseVerifiers(files("verifiers"));
    assert.deepEqual(witnesses.map(({ name }) => name).sort(), ["w1.example", "w2.example"]);
    const witnessed = files("checkpoint.witnessed");
    openCheckpoint(witnessed, log);
    assert.ok(openCosignatures(witnessed, witnesses).length > 0);
  });

  it("drops witnesses on a reload, goes on while one is away, and has the newest cosigned when it is back", async () => {
    reloadWith({ one });
    await one.stop();
    await bastion.issue();
    await isSaid("witness does not answer", "one");
    const found = await doctor();
    const names = found.map(({ check }) => check).filter((check) => check.startsWith("witness "));
    assert.deepEqual(names, ["witness one"]);
    assert.match((await lineOf("one", found)).detail, /: away since/u);
    await one.start();
    await hasCosigned("w1.example", sizeNow());
    assert.match((await lineOf("one")).detail, /: cosigns since/u);
  });

  it("is told by its witness that it was rolled back, and that it forked", async () => {
    await bastion.stop();
    const older = join(temporaryFolder(), "older");
    for (const name of ["journal", "ledger"])
      cpSync(join(bastion.home, name), join(older, name), { recursive: true });
    const sizeBefore = sizeNow();
    await bastion.start();
    await bastion.issue(); // two entries: with that of the start the witness sees three that will be gone
    await hasCosigned("w1.example", sizeBefore + 3);
    const kept = files("checkpoint.witnessed");
    await bastion.stop();
    for (const name of ["journal", "ledger"]) {
      rmSync(join(bastion.home, name), { recursive: true });
      cpSync(join(older, name), join(bastion.home, name), { recursive: true });
    }
    const [from, told] = [bastion.log().length, receiver.received.length];
    await bastion.start();
    await isSaid("witness refuses", "one", from);
    assert.match((await lineOf("one")).detail, /: AHEAD since/u);
    const forkedFrom = bastion.log().length;
    for (let n = 0; n < 2; n += 1) await bastion.issue(); // two entries each: more than the witness has seen
    await isSaid("witness refuses", "one", forkedFrom);
    const { ok, detail } = await lineOf("one");
    assert.equal(ok, false);
    assert.match(detail, /: FORK since .*(not a beginning of this ledger|another tree)/u);
    assert.match(one.log(), /log shows another history/u);
    const bodies = (await receiver.got(told + 2)).slice(told).map(({ body }) => body);
    assert.match(bodies[0] ?? "", /Witness one has signed MORE ENTRIES than there are/u);
    assert.match(bodies[1] ?? "", /Witness one has signed ANOTHER HISTORY/u);
    await bastion.stop();
    await isInTheEvidence(kept);
  });

  /** The refusals are entries, and who kept what the witness signed finds the fork without it. */
  async function isInTheEvidence(kept: string): Promise<void> {
    const { events } = await checkLedger(join(bastion.home, "journal"));
    const codes = events.flatMap((event) => (event.type === "witness.refused" ? [event.code] : []));
    assert.deepEqual(codes, ["signature-missing", "ahead", "fork"]);
    const source = homeSource({ home: bastion.home, recordings: bastion.recordings });
    const olderCheckpoints = [{ where: "kept.txt", note: kept }];
    const { faults } = await verifyEvidence(source, { olderCheckpoints });
    assert.deepEqual(
      faults.map(({ code, where }) => `${code} ${where}`),
      ["checkpoint-inconsistent kept.txt"],
    );
  }
});
