import assert from "node:assert/strict";
import {
  openCosignature,
  parseNote,
  parseSignatureLine,
  parseTreeHead,
  parseVerifierKey,
} from "../../src/ledger/index.js";
import { encodeSubmission } from "../../src/witness/submission.js";
import { smallLog, type SmallLog } from "../harness/small-log.js";
import { temporaryFolder } from "../harness/temporary.js";
import { startWitnessProcess, type WitnessProcess } from "../harness/witness-process.js";

const ROUNDS = 4;
const ANSWERS_WITHIN_MS = 20_000;

/** What the witness answers to a checkpoint of the log, or undefined when it died meanwhile. */
async function ask({ url }: WitnessProcess, log: SmallLog, oldSize: number, size: number) {
  const note = await log.checkpoint(size);
  const body = encodeSubmission({ oldSize, proof: await log.prove(oldSize, size), note });
  const headers = { connection: "close" };
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
  const response = await fetch(`${url}/add-checkpoint`, { method: "POST", body, headers, signal }).catch(
    () => undefined,
  );
  const text = await response?.text().catch(() => undefined);
  if (response === undefined || text === undefined) return undefined;
  return { status: response.status, text, note };
}

describe("crash/witness-kill", () => {
  it("has never signed a fork, whenever it was killed", async function () {
    const honest = smallLog();
    const witness = await startWitnessProcess(temporaryFolder(), "w1.example", honest.verifierKey);
    const key = parseVerifierKey(witness.verifierKey);
    /** Every root that was ever signed, by size. */
    const signed = new Map<number, string>();
    let last = 0;
    const note = (answer: { text: string; note: string }, size: number) => {
      const { text } = parseNote(answer.note);
      openCosignature(text, parseSignatureLine(answer.text.slice(0, -1)), key);
      const root = parseTreeHead(text).root.toString("hex");
      assert.equal(signed.get(size) ?? root, root, `two roots of ${size} entries`);
      assert.ok(size >= last, `${size} entries signed after ${last}`);
      signed.set(size, root);
      last = size;
    };
    // fetch loads its parser at its first answer, and never ends when the other side dies meanwhile.
    const first = await ask(witness, honest, 0, 1);
    note(first ?? assert.fail("no answer"), 1);
    for (let round = 0; round < ROUNDS; round += 1) {
      // Grow, and kill it at another moment of an answer each time.
      const killed = new Promise<void>((done) =>
        setTimeout(() => void witness.stop("SIGKILL").then(done), round * 7),
      );
      for (let size = last + 1; ; size += 1) {
        const answer = await ask(witness, honest, last, size);
        if (answer === undefined) break;
        if (answer.status === 200) note(answer, size);
        else assert.equal(answer.status, 409);
      }
      await killed;
      await witness.start();
      // What it may have kept without having answered is where it goes on from.
      const kept = await ask(witness, honest, 0, last + 100);
      assert.ok(kept);
      if (kept.status === 200) note(kept, last + 100);
      else {
        assert.equal(kept.status, 409);
        const size = Number(kept.text);
        assert.ok(size >= last, `it forgot: ${size} after ${last}`);
        const fork = honest.fork(Math.max(0, last - 1));
        if (last > 0) {
          assert.equal((await ask(witness, fork, size, size))?.status, 409);
          assert.equal((await ask(witness, fork, size, size + 3))?.status, 422);
        }
        const again = await ask(witness, honest, size, size);
        assert.equal(again?.status, 200);
        note(again, size);
      }
    }
    await witness.stop();
  });
});
