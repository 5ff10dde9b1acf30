import assert from "node:assert/strict";
import { join } from "node:path";
import {
  emptyRoot,
  encodeNote,
  generateSigner,
  openCosignature,
  parseNote,
  parseSignatureLine,
  realDisk,
  signNote,
  type Disk,
} from "../../../src/ledger/index.js";
import { parseLogs } from "../../../src/witness/logs.js";
import { Witness, type Unwitnessed, type WitnessAnswer } from "../../../src/witness/server/witness.js";
import { WitnessState } from "../../../src/witness/server/witness-state.js";
import { WitnessError } from "../../../src/witness/witness-error.js";
import { smallLog, type SmallLog } from "../../harness/small-log.js";
import { temporaryFolder } from "../../harness/temporary.js";

const signer = generateSigner("witness.example/w1", "cosignature");
const log = smallLog();
const NOW_MS = 1_700_000_000_999;

interface Bench {
  readonly witness: Witness;
  readonly state: WitnessState;
  readonly folder: string;
  /** Sends the checkpoint of `size` with the proof that the log has. */
  readonly add: (oldSize: number, size: number, of?: SmallLog) => Promise<WitnessAnswer>;
}

async function bench(
  size = 0,
  disk: Disk = realDisk,
  folder = join(temporaryFolder(), "state"),
): Promise<Bench> {
  const state = await WitnessState.open(folder, signer.verifier, disk);
  const witness = new Witness({ signer, logs: parseLogs([log.verifierKey]), state, nowMs: () => NOW_MS });
  const add = async (oldSize: number, to: number, of = log) =>
    witness.addCheckpoint({
      oldSize,
      proof: await of.prove(Math.min(oldSize, to), to),
      note: await of.checkpoint(to),
    });
  if (size > 0) assert.ok((await add(0, size)).ok);
  return { witness, state, folder, add };
}

const reasonOf = (answer: WitnessAnswer) => (answer.ok ? "cosigned" : answer.reason);
const stateFailed = (error: unknown) => error instanceof WitnessError && error.code === "state-failed";

describe("witness/witness", () => {
  it("cosigns what grows, with its time in whole seconds", async () => {
    const { add, state } = await bench();
    for (const [oldSize, size] of [
      [0, 1],
      [1, 2],
      [2, 255],
      [255, 256],
      [256, 257],
      [257, 700],
      [700, 700],
    ] as const) {
      const answer = await add(oldSize, size);
      assert.ok(answer.ok, `${oldSize} to ${size}: ${reasonOf(answer)}`);
      const line = parseSignatureLine(answer.line.slice(0, -1));
      const { text } = parseNote(await log.checkpoint(size));
      assert.deepEqual(openCosignature(text, line, signer.verifier), { atMs: 1_700_000_000_000 });
      assert.equal(state.get(log.origin)?.head.size, size);
    }
    await state.close();
  });

  it("cosigns the empty tree, and then the first entry", async () => {
    const { add, state } = await bench();
    assert.equal(reasonOf(await add(0, 0)), "cosigned");
    assert.equal(reasonOf(await add(0, 1)), "cosigned");
    await state.close();
  });

  it("takes a checkpoint with extension lines and with others' signatures", async () => {
    const { witness, state } = await bench();
    const [head = ""] = (await log.checkpoint(3)).split("\n\n");
    const text = `${head}\nextension\n`;
    const stranger = generateSigner("stranger.example");
    const note = encodeNote({ text, signatures: [signNote(text, stranger), signNote(text, log.signer)] });
    const answer = await witness.addCheckpoint({ oldSize: 0, proof: [], note });
    assert.ok(answer.ok);
    assert.equal(
      openCosignature(text, parseSignatureLine(answer.line.slice(0, -1)), signer.verifier).atMs,
      1_700_000_000_000,
    );
    assert.deepEqual(
      parseNote(state.get(log.origin)?.note ?? "").signatures.map(({ name }) => name),
      [log.origin],
    );
    await state.close();
  });

  const fork = log.fork(5);
  const stranger = smallLog("stranger.example/log");
  const impostor = smallLog(log.origin); // the same origin, another key
  const refusals: readonly [name: string, ask: (on: Bench) => Promise<WitnessAnswer>, reason: Unwitnessed][] =
    [
      ["an-unknown-log", ({ add }) => add(7, 8, stranger), "log-unknown"],
      ["another-key", ({ add }) => add(7, 8, impostor), "signature-unknown"],
      ["an-old-size-beyond", ({ add }) => add(9, 8), "old-size-beyond"],
      ["an-old-size-too-small", ({ add }) => add(6, 8), "old-size-stale"],
      ["an-old-size-of-nothing", ({ add }) => add(0, 8), "old-size-stale"],
      ["a-smaller-tree", ({ add }) => add(6, 6), "old-size-stale"],
      ["an-old-size-ahead", ({ add }) => add(8, 8), "old-size-stale"],
      ["a-fork", ({ add }) => add(7, 12, fork), "proof-invalid"],
      ["a-fork-of-one-size", ({ add }) => add(7, 7, fork), "root-differs"],
      [
        "a-proof-of-another-size",
        async ({ witness }) =>
          witness.addCheckpoint({ oldSize: 7, proof: await log.prove(6, 8), note: await log.checkpoint(8) }),
        "proof-invalid",
      ],
      [
        "no-proof",
        async ({ witness }) =>
          witness.addCheckpoint({ oldSize: 7, proof: [], note: await log.checkpoint(8) }),
        "proof-invalid",
      ],
      [
        "a-proof-where-none-belongs",
        async ({ witness }) =>
          witness.addCheckpoint({ oldSize: 7, proof: [emptyRoot], note: await log.checkpoint(7) }),
        "proof-invalid",
      ],
      [
        "a-changed-signature",
        async ({ witness }) => {
          const { text, signatures } = parseNote(await log.checkpoint(8));
          const bad = signatures.map((one) => ({ ...one, signature: Buffer.alloc(64, 1) }));
          return witness.addCheckpoint({
            oldSize: 7,
            proof: await log.prove(7, 8),
            note: encodeNote({ text, signatures: bad }),
          });
        },
        "signature-unknown",
      ],
      [
        "a-good-signature-beside-a-bad-one-of-the-same-key",
        async ({ witness }) => {
          const { text, signatures } = parseNote(await log.checkpoint(8));
          const bad = signatures.map((one) => ({ ...one, signature: Buffer.alloc(64, 1) }));
          const note = encodeNote({ text, signatures: [...signatures, ...bad] });
          return witness.addCheckpoint({ oldSize: 7, proof: await log.prove(7, 8), note });
        },
        "signature-unknown",
      ],
      [
        "a-note-that-is-none",
        ({ witness }) => witness.addCheckpoint({ oldSize: 7, proof: [], note: "x" }),
        "checkpoint-invalid",
      ],
      [
        "a-note-that-is-no-checkpoint",
        ({ witness }) => {
          const text = `${log.origin}\n08\n${emptyRoot.toString("base64")}\n`;
          const note = encodeNote({ text, signatures: [signNote(text, log.signer)] });
          return witness.addCheckpoint({ oldSize: 7, proof: [], note });
        },
        "checkpoint-invalid",
      ],
    ];
  for (const [name, ask, reason] of refusals) {
    it(`refuses ${name}, and remembers what it knew`, async () => {
      const on = await bench(7);
      assert.equal(reasonOf(await ask(on)), reason);
      assert.equal(on.state.get(log.origin)?.note, await log.checkpoint(7));
      assert.equal(reasonOf(await on.add(7, 9)), "cosigned");
      await on.state.close();
    });
  }

  it("answers one of many that come at once from one size, the rest as stale", async () => {
    const { add, state } = await bench(3);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => add(3, 4 + n)));
    assert.equal(answers.filter(({ ok }) => ok).length, 1);
    assert.deepEqual(new Set(answers.map(reasonOf)), new Set(["cosigned", "old-size-stale"]));
    await state.close();
  });

  it("never signs both of two forks that come at once", async () => {
    const { add, state } = await bench(3);
    const answers = await Promise.all([add(3, 9), add(3, 9, fork), add(3, 9), add(3, 9, fork)]);
    const signed = answers.filter(({ ok }) => ok).length;
    assert.equal(signed, 1);
    await state.close();
  });

  for (const [name, isWritten] of [
    ["failed", false],
    ["failed-but-persisted", true],
  ] as const) {
    it(`signs nothing after a write that ${name}, until its state is read anew`, async () => {
      let isBroken = false;
      const rename: Disk["rename"] = async (from, to) => {
        if (!isBroken || isWritten) await realDisk.rename(from, to);
        if (isBroken) throw new Error("EIO");
      };
      const { add, state, folder } = await bench(3, { ...realDisk, rename });
      isBroken = true;
      await assert.rejects(add(3, 9, fork), stateFailed);
      isBroken = false;
      await assert.rejects(add(3, 9), stateFailed);
      await state.close();
      const again = await bench(0, realDisk, folder);
      assert.equal(again.state.get(log.origin)?.head.size, isWritten ? 9 : 3);
      assert.equal(reasonOf(await again.add(isWritten ? 9 : 3, 9)), isWritten ? "root-differs" : "cosigned");
      await again.state.close();
    });
  }

  it("knows again after a restart what it cosigned", async () => {
    const first = await bench(7);
    await first.state.close();
    const second = await bench(0, realDisk, first.folder);
    assert.equal(reasonOf(await second.add(0, 8)), "old-size-stale");
    assert.equal(reasonOf(await second.add(7, 12, fork)), "proof-invalid");
    assert.equal(reasonOf(await second.add(7, 8)), "cosigned");
    await second.state.close();
  });

  it("does not begin with a key that did not sign what its state has", async () => {
    const { state } = await bench(7);
    const other = { signer, logs: parseLogs([impostor.verifierKey]), state, nowMs: () => NOW_MS };
    assert.throws(
      () => new Witness(other),
      (error) => error instanceof WitnessError && error.code === "state-untrusted",
    );
    new Witness({ ...other, logs: parseLogs([impostor.verifierKey, log.verifierKey]) });
    new Witness({ ...other, logs: parseLogs([stranger.verifierKey]) });
    await state.close();
  });

  it("takes no witness' key for a log's", () => {
    const keys = [smallLog("a", generateSigner("a", "cosignature")).verifierKey, "x", ""];
    for (const key of keys)
      assert.throws(
        () => parseLogs([key]),
        (error) => error instanceof WitnessError && error.code === "log-invalid",
      );
  });
});
