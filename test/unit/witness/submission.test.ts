import assert from "node:assert/strict";
import { encodeSubmission, parseSubmission, SUBMISSION_BYTES_MAX } from "../../../src/witness/submission.js";
import { WitnessError } from "../../../src/witness/witness-error.js";

const hash = Buffer.alloc(32, 7);
const line = hash.toString("base64");
const note = "log\n1\nroot\n\n— log AAAA\n";

const rows: readonly [name: string, body: string | Buffer][] = [
  ["nothing", ""],
  ["no-empty-line", `old 0\n${line}\n`],
  ["no-old-line", `\n${note}`],
  ["old-without-number", `old \n\n${note}`],
  ["old-with-two-blanks", `old  1\n\n${note}`],
  ["old-with-leading-zero", `old 01\n\n${note}`],
  ["old-negative", `old -1\n\n${note}`],
  ["old-with-plus", `old +1\n\n${note}`],
  ["old-in-hex", `old 0x1\n\n${note}`],
  ["old-past-2^53", `old 9007199254740992\n\n${note}`],
  ["old-with-carriage-return", `old 1\r\n\n${note}`],
  ["old-upper-case", `Old 1\n\n${note}`],
  ["short-hash", `old 1\n${hash.subarray(1).toString("base64")}\n\n${note}`],
  ["long-hash", `old 1\n${Buffer.alloc(33).toString("base64")}\n\n${note}`],
  ["hash-without-padding", `old 1\n${line.slice(0, -1)}\n\n${note}`],
  ["hash-in-base64url", `old 1\n${Buffer.alloc(32, 0xff).toString("base64url")}=\n\n${note}`],
  ["hash-with-spare-bits", `old 1\n${line.slice(0, -2)}d=\n\n${note}`],
  ["hash-with-blank", `old 1\n ${line}\n\n${note}`],
  ["64-hashes", `old 1\n${`${line}\n`.repeat(64)}\n${note}`],
  ["not-utf-8", Buffer.concat([Buffer.from("old 1\n\n"), Buffer.of(0xff)])],
  ["too-long", `old 1\n\n${"x".repeat(SUBMISSION_BYTES_MAX)}`],
];

describe("witness/submission", () => {
  it("reads back what it writes", () => {
    for (const proof of [[], [hash], Array.from({ length: 63 }, () => hash)]) {
      const submission = { oldSize: proof.length * 1000, proof, note };
      const body = encodeSubmission(submission);
      assert.deepEqual(parseSubmission(Buffer.from(body)), submission);
      assert.equal(encodeSubmission(parseSubmission(Buffer.from(body))), body);
    }
  });

  it("keeps the note as it came, empty lines and all", () => {
    assert.equal(parseSubmission(Buffer.from("old 0\n\na\n\nb")).note, "a\n\nb");
  });

  for (const [name, body] of rows) {
    it(`refuses ${name}`, () => {
      const isInvalid = (error: unknown) =>
        error instanceof WitnessError && error.code === "submission-invalid";
      assert.throws(() => parseSubmission(Buffer.from(body)), isInvalid);
    });
  }
});
