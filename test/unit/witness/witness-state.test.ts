import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateSigner, parseNote, parseTreeHead, realDisk } from "../../../src/ledger/index.js";
import { WitnessState } from "../../../src/witness/server/witness-state.js";
import { WitnessError, type WitnessErrorCode } from "../../../src/witness/witness-error.js";
import { smallLog } from "../../harness/small-log.js";
import { temporaryFolder } from "../../harness/temporary.js";

const { verifier } = generateSigner("witness.example/w1", "cosignature");
const is = (code: WitnessErrorCode) => (error: unknown) =>
  error instanceof WitnessError && error.code === code;

/** A folder with the state of two logs. */
async function used(): Promise<string> {
  const folder = join(temporaryFolder(), "state");
  const state = await WitnessState.open(folder, verifier);
  for (const [origin, size] of [
    ["a.example", 3],
    ["b.example", 300],
  ] as const) {
    const note = await smallLog(origin).checkpoint(size);
    await state.put({ note, head: parseTreeHead(parseNote(note).text) });
  }
  await state.close();
  return folder;
}

describe("witness/witness-state", () => {
  it("is empty in a new folder, and for its owner only", async () => {
    const folder = join(temporaryFolder(), "new", "state");
    const state = await WitnessState.open(folder, verifier);
    assert.deepEqual(state.all, []);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, "state")).mode & 0o777, 0o600);
    await state.close();
  });

  it("is read back as it was", async () => {
    const state = await WitnessState.open(await used(), verifier);
    assert.deepEqual(
      state.all.map(({ head }) => [head.origin, head.size]),
      [
        ["a.example", 3],
        ["b.example", 300],
      ],
    );
    await state.close();
  });

  it("is one process' alone", async () => {
    const folder = await used();
    const state = await WitnessState.open(folder, verifier);
    await assert.rejects(WitnessState.open(folder, verifier), is("state-in-use"));
    await state.close();
    await (await WitnessState.open(folder, verifier)).close();
  });

  it("notices each changed bit, each cut and each byte too many", async () => {
    const folder = await used();
    const path = join(folder, "state");
    const whole = readFileSync(path);
    const broken = [
      ...Array.from({ length: 60 }, (_, n) => {
        const bytes = Buffer.from(whole);
        const at = Math.floor((n * (whole.length - 1)) / 59);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (n % 8));
        return bytes;
      }),
      ...[0, 1, whole.length >> 1, whole.length - 1].map((length) => whole.subarray(0, length)),
      Buffer.concat([whole, Buffer.from("\n")]),
    ];
    for (const bytes of broken) {
      writeFileSync(path, bytes);
      await assert.rejects(WitnessState.open(folder, verifier), is("state-invalid"));
    }
    writeFileSync(path, whole);
    await (await WitnessState.open(folder, verifier)).close();
  });

  it("is not taken over by a witness with another key", async () => {
    const other = generateSigner(verifier.name, "cosignature").verifier;
    await assert.rejects(WitnessState.open(await used(), other), is("state-foreign"));
  });

  it("is not begun anew where it is gone, nor in a folder of something else", async () => {
    const folder = await used();
    rmSync(join(folder, "state"));
    await assert.rejects(WitnessState.open(folder, verifier), is("state-missing"));
    const other = temporaryFolder();
    writeFileSync(join(other, "letter"), "");
    await assert.rejects(WitnessState.open(other, verifier), is("state-missing"));
    assert.deepEqual(readdirSync(other), ["letter"]);
  });

  it("clears away what a write that was broken off left, before a first state as well", async () => {
    for (const folder of [await used(), temporaryFolder()]) {
      mkdirSync(join(folder, "state.tmp"), { recursive: true });
      writeFileSync(join(folder, "state.tmp", "1"), "half");
      await (await WitnessState.open(folder, verifier)).close();
      assert.deepEqual(readdirSync(folder).sort(), ["lock", "state", "state.tmp"]);
      assert.deepEqual(readdirSync(join(folder, "state.tmp")), []);
    }
  });

  it("begins where one that had just begun was killed, at any step of its first state", async () => {
    for (const step of ["create", "rename", "syncFolder"] as const) {
      const folder = temporaryFolder();
      const dead = { ...realDisk, [step]: () => Promise.reject(new Error("killed")) };
      await assert.rejects(WitnessState.open(folder, verifier, dead), is("state-failed"));
      await (await WitnessState.open(folder, verifier)).close();
    }
  });
});
