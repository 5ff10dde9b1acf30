import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeNote,
  encodeSignatureLine,
  generateSigner,
  openNote,
  parseNote,
  parseSignatureLine,
  parseSigner,
  parseVerifierKey,
  signNote,
} from "../../../../src/ledger/index.js";
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from "../../../../src/ledger/note/note.js";

/** The example of Go's sumdb/note: keys, text, and the two signatures. */
const peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const petersSigner = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const enoch = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const text =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const petersLine =
  "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const enochsLine =
  "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

const line = "— name AAAAAAA=\n";

const refused: readonly [name: string, note: string | Buffer][] = [
  ["nothing", ""],
  ["no-signature", "text\n"],
  ["no-signature-after-the-blank-line", "text\n\n"],
  ["no-blank-line", `text\n${line}`],
  ["no-text", `\n${line}`],
  ["no-newline-at-the-end", `text\n\n${line.trimEnd()}`],
  ["a-blank-line-at-the-end", `text\n\n${line}\n`],
  ["a-line-that-is-no-signature", `text\n\n${line}more\n`],
  ["two-hyphens-for-the-dash", "text\n\n-- name AAAAAAA=\n"],
  ["an-en-dash", "text\n\n– name AAAAAAA=\n"],
  ["no-space-after-the-dash", "text\n\n—name AAAAAAA=\n"],
  ["two-spaces", "text\n\n— name  AAAAAAA=\n"],
  ["a-space-at-the-end", "text\n\n— name AAAAAAA= \n"],
  ["no-name", "text\n\n—  AAAAAAA=\n"],
  ["a-plus-in-the-name", "text\n\n— na+me AAAAAAA=\n"],
  ["a-unicode-space-in-the-name", "text\n\n— na\u2003me AAAAAAA=\n"],
  ["a-no-break-space-in-the-name", "text\n\n— na\u00a0me AAAAAAA=\n"],
  ["a-name-past-the-limit", `text\n\n— ${"n".repeat(256)} AAAAAAA=\n`],
  ["a-signature-of-nothing-but-an-id", "text\n\n— name AAAAAA==\n"],
  ["base64-without-padding", "text\n\n— name AAAAAAA\n"],
  ["base64-with-spare-bits", "text\n\n— name AAAAAAB=\n"],
  ["base64url", "text\n\n— name AAAA_A-=\n"],
  ["a-tab", `te\txt\n\n${line}`],
  ["a-carriage-return", `text\r\n\r\n${line}`],
  ["a-zero-byte", `te\0xt\n\n${line}`],
  ["half-a-character", `te\ud800xt\n\n${line}`],
  ["bytes-that-are-no-utf8", Buffer.concat([Buffer.of(0xff), Buffer.from(`text\n\n${line}`)])],
  [
    "an-overlong-newline",
    Buffer.concat([Buffer.from("te"), Buffer.of(0xc0, 0x8a), Buffer.from(`\n\n${line}`)]),
  ],
  ["too-many-signatures", `text\n\n${line.repeat(NOTE_SIGNATURES_MAX + 1)}`],
  ["too-long-a-text", `${"x".repeat(NOTE_BYTES_MAX)}\n\n${line}`],
];

describe("ledger/note/note", () => {
  it("signs Go's example to the byte, and opens it with both of its keys", () => {
    const signature = signNote(text, parseSigner(petersSigner));
    assert.equal(`${encodeSignatureLine(signature)}\n`, petersLine);
    assert.equal(encodeNote({ text, signatures: [signature] }), `${text}\n${petersLine}`);
    const both = `${text}\n${petersLine}${enochsLine}`;
    for (const key of [peter, enoch]) {
      const note = openNote(both, parseVerifierKey(key));
      assert.equal(note.text, text);
      assert.equal(encodeNote(note), both);
    }
  });

  it("opens the example of C2SP signed-note", () => {
    const key = parseVerifierKey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k");
    const note =
      "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";
    assert.equal(openNote(note, key).text, "This is an example message.\n");
  });

  it("sees any one flipped bit, and a note cut short at any byte", () => {
    const whole = Buffer.from(`${text}\n${petersLine}`);
    const key = parseVerifierKey(peter);
    const isSeen = (error: { code?: string }): boolean =>
      error.code === "note-invalid" || error.code === "signature-invalid";
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.throws(() => openNote(flipped, key), isSeen, `bit ${bit}`);
    }
    for (let end = 0; end < whole.length; end += 1) {
      assert.throws(() => openNote(whole.subarray(0, end), key), { code: "note-invalid" });
    }
  });

  for (const [name, note] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseNote(note), { code: "note-invalid" }));
  }

  it("splits at the last blank line, and takes as many signatures as it says", () => {
    const note = parseNote(`a\n\n— looks like one\n\n\n${line.repeat(NOTE_SIGNATURES_MAX)}`);
    assert.equal(note.text, "a\n\n— looks like one\n\n");
    assert.equal(note.signatures.length, NOTE_SIGNATURES_MAX);
  });

  it("keeps the lines of strangers, but no bad line of a key that it knows", () => {
    const signer = generateSigner("log.example");
    const own = signNote(text, signer);
    const sameName = signNote(text, generateSigner("log.example"));
    const sameId = { ...sameName, name: "other.example", keyId: own.keyId };
    const unknownType = { name: "pq.example", keyId: Buffer.from("abcd"), signature: Buffer.alloc(2420, 7) };
    const note = { text, signatures: [sameName, own, sameId, unknownType] };
    assert.deepEqual(openNote(encodeNote(note), signer.verifier), note);

    const bad = { ...own, signature: sameName.signature };
    for (const signatures of [[bad], [own, bad], [bad, own], [{ ...own, signature: Buffer.of(1) }]]) {
      const spoiled = encodeNote({ text, signatures });
      assert.throws(() => openNote(spoiled, signer.verifier), { code: "signature-invalid" });
    }
    const strangers = encodeNote({ text, signatures: [sameName, sameId] });
    assert.throws(() => openNote(strangers, signer.verifier), { code: "signature-invalid" });
  });

  it("writes only what it reads", () => {
    const signature = parseSignatureLine(line.trimEnd());
    const wrong = [
      { text: "no newline", signatures: [signature] },
      { text, signatures: [] },
      { text: "a\tb\n", signatures: [signature] },
      { text, signatures: [{ ...signature, name: "two words" }] },
      { text, signatures: [{ ...signature, signature: Buffer.alloc(0) }] },
    ];
    for (const note of wrong) assert.throws(() => encodeNote(note), { code: "note-invalid" });
  });

  it("encodes back to the same bytes whatever it parses", () => {
    const texts = fc
      .string({ unit: "binary" })
      .map((inside) => `${inside.replaceAll(/[\0-\x1f]/gu, "\n")}\n`);
    const signatures = fc.array(fc.uint8Array({ minLength: 1, maxLength: 90 }), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(texts, signatures, (inside, list) => {
        const lines = list.map((bytes) => ({
          ...{ name: "n", keyId: Buffer.from("1234"), signature: Buffer.from(bytes) },
        }));
        const whole = encodeNote({ text: inside, signatures: lines });
        assert.deepEqual(parseNote(Buffer.from(whole)), { text: inside, signatures: lines });
        assert.equal(encodeNote(parseNote(whole)), whole);
      }),
    );
  });
});
