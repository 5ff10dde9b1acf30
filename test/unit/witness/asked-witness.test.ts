import assert from "node:assert/strict";
import { cosign, encodeSignatureLine, generateSigner, openCosignature } from "../../../src/ledger/index.js";
import type { Asked } from "../../../src/witness/client/ask.js";
import { AskedWitness, type Cosigning, type Refusing } from "../../../src/witness/client/asked-witness.js";
import { Witnesses } from "../../../src/witness/client/witnesses.js";
import { parseSubmission, type Submission } from "../../../src/witness/submission.js";
import { smallLog } from "../../harness/small-log.js";

const NOW_MS = 1_700_000_000_000;
const log = smallLog();
const signer = generateSigner("witness.example/w1", "cosignature");
const settings = { name: "far", url: "https://w.example/in", key: signer.verifier };
const notes = await Promise.all([1, 2, 3, 4, 5, 6].map((size) => log.checkpoint(size)));
const noteOf = (size: number): string => notes[size - 1] ?? "";

const text = (status: number, body: string, mediaType = "text/plain"): Asked => ({
  ...{ kind: "answer", status, mediaType },
  body: Buffer.from(body),
});
const cosigned = ({ note }: Submission): Asked =>
  text(200, `${encodeSignatureLine(cosign(note, signer, NOW_MS / 1000))}\n`);
const away: Asked = { kind: "away", detail: "ECONNREFUSED" };

/** A witness whose answers a test gives; waiting takes no time. */
function bench(answers: (submission: Submission, attempt: number) => Asked | Promise<Asked>) {
  const asked: { oldSize: number; size: number; proof: number }[] = [];
  const kept: Cosigning[] = [];
  const refused: Refusing[] = [];
  const logged: string[] = [];
  const waits: number[] = [];
  const urls = new Set<string>();
  let [underWay, most] = [0, 0];
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const around = {
    ask: async (url: string, body: string): Promise<Asked> => {
      urls.add(url);
      most = Math.max(most, (underWay += 1));
      const submission = parseSubmission(Buffer.from(body));
      const size = notes.indexOf(submission.note) + 1;
      asked.push({ oldSize: submission.oldSize, size, proof: submission.proof.length });
      await new Promise((turn) => setImmediate(turn));
      const answer = await answers(submission, asked.length);
      underWay -= 1;
      return answer;
    },
    nowMs: () => NOW_MS,
    sleep: async (ms: number) => {
      waits.push(ms);
      await new Promise((turn) => setImmediate(turn));
    },
    random: () => 1,
    prove: (oldSize: number, size: number) => log.prove(oldSize, size),
    onCosigned: (one: Cosigning) => {
      kept.push(one);
      return Promise.resolve();
    },
    onRefused: (one: Refusing) => void refused.push(one),
    log: { info: note, warn: note, error: note },
  };
  return {
    around,
    witness: new AskedWitness(settings, around),
    asked,
    kept,
    refused,
    logged,
    waits,
    urls,
    most: () => most,
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((turn) => setImmediate(turn));
}

describe("witness/asked-witness", () => {
  it("begins from nothing, then from what was cosigned last", async () => {
    const it = bench(cosigned);
    assert.equal(it.witness.status.condition, "not-asked");
    for (const size of [1, 3, 6]) {
      it.witness.offer(noteOf(size));
      await until(() => it.kept.at(-1)?.size === size);
    }
    assert.deepEqual(
      it.asked.map(({ oldSize, size }) => [oldSize, size]),
      [
        [0, 1],
        [1, 3],
        [3, 6],
      ],
    );
    assert.deepEqual([...it.urls], ["https://w.example/in/add-checkpoint"]);
    const { text: last = "", signature } = it.kept[2] ?? {};
    assert.ok(signature);
    assert.deepEqual(openCosignature(last, signature, signer.verifier), { atMs: NOW_MS });
    assert.deepEqual(it.witness.status.cosigned, { size: 6, atMs: NOW_MS });
    assert.equal(it.witness.status.condition, "cosigns");
    assert.deepEqual(it.logged.length, 1, "it says once that it cosigns");
  });

  it("learns the size from a conflict, and proves from there", async () => {
    const it = bench((submission, attempt) =>
      attempt === 1 ? text(409, "3\n", "text/x.tlog.size") : cosigned(submission),
    );
    it.witness.offer(noteOf(6));
    await until(() => it.kept.length === 1);
    assert.deepEqual(
      it.asked.map(({ oldSize, proof }) => [oldSize, proof > 0]),
      [
        [0, false],
        [3, true],
      ],
    );
    assert.deepEqual(it.waits, []);
  });

  it("gives up on one that names another size each time", async () => {
    const it = bench((_, attempt) => text(409, `${attempt % 2 === 0 ? 2 : 4}\n`, "text/x.tlog.size"));
    it.witness.offer(noteOf(6));
    await until(() => it.refused.length === 1);
    await it.witness.close();
    assert.equal(it.refused[0]?.code, "answer-invalid");
    assert.ok(it.asked.length <= 4, `${it.asked.length} requests`);
  });

  it("has one request under way, and asks for the newest next", async () => {
    let answer = (): void => undefined;
    const first = new Promise<void>((done) => (answer = done));
    const it = bench(async (submission, attempt) => {
      if (attempt === 1) await first;
      return cosigned(submission);
    });
    it.witness.offer(noteOf(1));
    await until(() => it.asked.length === 1);
    for (const size of [2, 3, 4, 5]) it.witness.offer(noteOf(size));
    answer();
    await until(() => it.kept.at(-1)?.size === 5);
    assert.deepEqual(
      it.asked.map(({ size }) => size),
      [1, 5],
    );
    assert.equal(it.most(), 1);
  });

  it("comes back to one that is away, ever slower, with the newest", async () => {
    const it = bench((submission, attempt) => (attempt < 5 ? away : cosigned(submission)));
    it.witness.offer(noteOf(1));
    await until(() => it.asked.length === 2);
    it.witness.offer(noteOf(4));
    await until(() => it.kept.length === 1);
    assert.deepEqual(it.waits, [500, 1000, 2000, 4000]);
    assert.equal(it.kept[0]?.size, 4);
    assert.deepEqual(it.refused, [], "to be away is not to refuse");
    assert.deepEqual(
      it.logged.map((line) => line.split(" {")[0]),
      ["witness does not answer", "witness cosigns"],
    );
  });

  it("says why it does not cosign, once, and since when", async () => {
    const it = bench(() => text(422, ""));
    it.witness.offer(noteOf(2));
    await until(() => it.asked.length > 4);
    const { condition, sinceMs, detail, failuresInRow, cosigned: last } = it.witness.status;
    assert.deepEqual([condition, sinceMs, last], ["fork", NOW_MS, undefined]);
    assert.match(detail ?? "", /not a beginning of this ledger/u);
    assert.ok(failuresInRow >= 4);
    await it.witness.close();
    assert.deepEqual(it.refused, [{ witness: "far", key: signer.verifier, code: "fork", size: 2 }]);
    assert.equal(it.logged.length, 1);
  });

  it("hands on what proves another clock each time, and logs it once", async () => {
    const anHourAgo = NOW_MS - 3_600_000;
    const it = bench(({ note }) =>
      text(200, `${encodeSignatureLine(cosign(note, signer, anHourAgo / 1000))}\n`),
    );
    it.witness.offer(noteOf(2));
    await until(() => it.refused.length === 3);
    await it.witness.close();
    for (const { code, signature } of it.refused) {
      assert.ok(code === "time-wrong" && signature !== undefined);
      const [checkpoint = ""] = noteOf(2).split("\n\n");
      assert.deepEqual(openCosignature(`${checkpoint}\n`, signature, signer.verifier), { atMs: anHourAgo });
    }
    assert.deepEqual([it.kept, it.logged.length], [[], 1]);
  });

  it("waits and says so when no proof can be made", async () => {
    const it = bench(cosigned);
    const broken = { ...it.around, prove: () => Promise.reject(new Error("no such tile")) };
    const witness = new AskedWitness(settings, broken);
    witness.offer(noteOf(2));
    await until(() => witness.status.condition === "away");
    await witness.close();
    assert.deepEqual(it.asked, []);
    assert.match(it.logged[0] ?? "", /witness not asked.*no such tile/u);
  });

  it("asks nothing after its end, and ends what is under way", async () => {
    const it = bench(() => away);
    it.witness.offer(noteOf(1));
    await until(() => it.asked.length === 1);
    await it.witness.close();
    const { length } = it.asked;
    it.witness.offer(noteOf(2));
    await new Promise((turn) => setImmediate(turn));
    assert.equal(it.asked.length, length);
  });
});

describe("witness/witnesses", () => {
  it("asks a new one at once about what was published last, keeps one that stays, and drops the rest", async () => {
    const it = bench(cosigned);
    const witnesses = new Witnesses(it.around);
    witnesses.use([settings, { ...settings, name: "near" }]);
    witnesses.offer(noteOf(3));
    await until(() => it.kept.length === 2);
    const far = witnesses.status[0];
    witnesses.use([settings, { ...settings, name: "third" }]);
    await until(() => it.kept.length === 3);
    assert.deepEqual(it.kept.map(({ witness }) => witness).sort(), ["far", "near", "third"]);
    assert.deepEqual(
      witnesses.status.map(({ name }) => name),
      ["far", "third"],
    );
    assert.deepEqual(witnesses.status[0], far);
    witnesses.offer(noteOf(5));
    await until(() => it.kept.length === 5);
    assert.deepEqual(
      it.kept
        .slice(3)
        .map(({ witness }) => witness)
        .sort(),
      ["far", "third"],
    );
    await witnesses.close();
    witnesses.offer(noteOf(6));
    await new Promise((turn) => setImmediate(turn));
    assert.equal(it.kept.length, 5);
  });
});
