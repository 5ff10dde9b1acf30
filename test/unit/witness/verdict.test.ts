import assert from "node:assert/strict";
import { cosign, encodeSignatureLine, generateSigner } from "../../../src/ledger/index.js";
import type { Asked } from "../../../src/witness/client/ask.js";
import { CLOCK_APART_MAX_MS, verdictOf, type RefusalCode } from "../../../src/witness/client/verdict.js";
import { smallLog } from "../../harness/small-log.js";

const NOW_MS = 1_700_000_000_000;
const log = smallLog();
const witness = generateSigner("witness.example/w1", "cosignature");
const impostor = generateSigner("witness.example/w1", "cosignature");
const other = generateSigner("other.example", "cosignature");

const note = await log.checkpoint(8);
const otherNote = await log.checkpoint(7);
const lineBy = (by = witness, of = note, atMs = NOW_MS) =>
  `${encodeSignatureLine(cosign(of, by, atMs / 1000))}\n`;

/** As a witness answers that was asked about 8 entries, 5 of which it was thought to know. */
const answer = (status: number, body: string | Buffer = "", mediaType = "text/plain"): Asked => ({
  ...{ kind: "answer", status, mediaType },
  body: Buffer.from(body),
});
const conflict = (body: string) => answer(409, body, "text/x.tlog.size");
const judge = (asked: Asked, oldSize = 5) =>
  verdictOf({ oldSize, proof: [], note }, asked, witness.verifier, NOW_MS);

/** Its own name and key ID on another key's signature. */
function disguised(): string {
  const { signature } = cosign(note, impostor, NOW_MS / 1000);
  const { name, keyId } = witness.verifier;
  return `${encodeSignatureLine({ name, keyId, signature })}\n`;
}

const refusals: readonly [name: string, asked: Asked, code: RefusalCode, oldSize?: number][] = [
  ["a-bad-signature", answer(200, disguised()), "signature-invalid"],
  ["a-signature-of-another-checkpoint", answer(200, lineBy(witness, otherNote)), "signature-invalid"],
  ["a-good-line-and-a-bad-one", answer(200, lineBy() + disguised()), "signature-invalid"],
  ["the-same-name-with-another-key", answer(200, lineBy(impostor)), "signature-missing"],
  ["another-witness", answer(200, lineBy(other)), "signature-missing"],
  ["a-time-long-ago", answer(200, lineBy(witness, note, NOW_MS - CLOCK_APART_MAX_MS - 1000)), "time-wrong"],
  ["a-time-to-come", answer(200, lineBy(witness, note, NOW_MS + CLOCK_APART_MAX_MS + 1000)), "time-wrong"],
  ["nothing", answer(200), "answer-invalid"],
  ["a-page", answer(200, "<html>welcome</html>\n"), "answer-invalid"],
  ["a-page-before-the-line", answer(200, `<html>\n\n${lineBy()}`), "answer-invalid"],
  ["a-text-that-hides-ours", answer(200, `more\n\n${lineBy()}`), "answer-invalid"],
  ["a-line-without-newline", answer(200, lineBy().slice(0, -1)), "answer-invalid"],
  ["bytes", answer(200, Buffer.of(0xff, 0xfe)), "answer-invalid"],
  ["no-content", answer(204), "answer-invalid"],
  ["a-redirect", answer(302), "answer-invalid"],
  ["a-teapot", answer(418), "answer-invalid"],
  ["too-much", { kind: "too-large", detail: "" }, "answer-invalid"],
  ["400", answer(400), "request-refused"],
  ["403", answer(403), "key-refused"],
  ["404", answer(404), "unknown-log"],
  ["422", answer(422), "fork"],
  ["a-conflict-at-the-same-size", conflict("8\n"), "fork", 8],
  ["a-conflict-at-the-same-size-that-names-none", answer(409), "fork", 8],
  ["a-larger-size", conflict("9\n"), "ahead"],
  ["a-much-larger-size", conflict("9007199254740991\n"), "ahead"],
  ["a-larger-size-than-the-same", conflict("9\n"), "ahead", 8],
  ["the-size-that-was-sent", conflict("5\n"), "answer-invalid"],
  ["a-conflict-without-size", conflict(""), "answer-invalid"],
  ["a-size-without-newline", conflict("6"), "answer-invalid"],
  ["a-size-with-zeroes", conflict("06\n"), "answer-invalid"],
  ["a-negative-size", conflict("-6\n"), "answer-invalid"],
  ["a-size-past-2^53", conflict("9007199254740992\n"), "answer-invalid"],
  ["a-size-of-another-type", answer(409, "6\n"), "answer-invalid"],
];

describe("witness/verdict", () => {
  it("takes the witness' line, wherever it stands, with its time", () => {
    for (const body of [lineBy(), lineBy(other) + lineBy(), lineBy() + lineBy(other) + lineBy()]) {
      const verdict = judge(answer(200, body));
      assert.equal(verdict.kind, "cosigned");
      assert.deepEqual(verdict, {
        kind: "cosigned",
        signature: cosign(note, witness, NOW_MS / 1000),
        atMs: NOW_MS,
      });
    }
  });

  it("takes a time that is as far off as clocks are", () => {
    for (const apart of [-CLOCK_APART_MAX_MS, CLOCK_APART_MAX_MS])
      assert.equal(judge(answer(200, lineBy(witness, note, NOW_MS + apart))).kind, "cosigned");
  });

  it("learns the size to begin from", () => {
    for (const size of [0, 4, 6, 8])
      assert.deepEqual(judge(conflict(`${size}\n`)), { kind: "last-size", size });
  });

  for (const [name, asked, code, oldSize] of refusals) {
    it(`calls ${name} ${code}`, () => {
      const verdict = judge(asked, oldSize);
      assert.equal(verdict.kind === "refused" && verdict.code, code);
    });
  }

  for (const status of [408, 429, 500, 502, 503, 504]) {
    it(`takes ${status} for later`, () => assert.equal(judge(answer(status)).kind, "away"));
  }

  it("tells slow from away", () => {
    for (const kind of ["slow", "away"] as const)
      assert.deepEqual(judge({ kind, detail: "x" }), { kind, detail: "x" });
  });
});
