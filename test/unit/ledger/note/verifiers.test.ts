import assert from "node:assert/strict";
import {
  encodeVerifierKey,
  encodeVerifiers,
  generateSigner,
  LedgerError,
  parseVerifiers,
} from "../../../../src/ledger/index.js";

const log = generateSigner("bastion/0011aabb").verifier;
const one = generateSigner("one", "cosignature").verifier;
const two = generateSigner("two", "cosignature").verifier;
const line = encodeVerifierKey;

const rows: readonly [name: string, text: string][] = [
  ["nothing", ""],
  ["an-empty-line", "\n"],
  ["no-newline-at-the-end", line(log)],
  ["a-blank-line-between", `${line(log)}\n\n${line(one)}\n`],
  ["a-witness-first", `${line(one)}\n`],
  ["two-logs", `${line(log)}\n${line(generateSigner("b").verifier)}\n`],
  ["one-witness-twice", `${line(log)}\n${line(one)}\n${line(one)}\n`],
  ["a-comment", `${line(log)}\n# one\n`],
];

describe("ledger/note/verifiers", () => {
  it("reads back what it writes", () => {
    for (const witnesses of [[], [one], [two, one]]) {
      const text = encodeVerifiers({ log, witnesses });
      assert.deepEqual(parseVerifiers(text), { log, witnesses });
    }
  });

  for (const [name, text] of rows) {
    it(`refuses ${name}`, () => {
      const isInvalid = (error: unknown) => error instanceof LedgerError && error.code === "note-invalid";
      assert.throws(() => parseVerifiers(text), isInvalid);
    });
  }
});
