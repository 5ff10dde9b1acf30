import assert from "node:assert/strict";
import { verify, createPublicKey } from "node:crypto";
import {
  cosign,
  encodeNote,
  generateSigner,
  openCheckpoint,
  openCosignature,
  openCosignatures,
  parseNote,
  signCheckpoint,
  signNote,
  type NoteSignature,
} from "../../../../src/ledger/index.js";

const origin = "bastion.example/5eed0001";
const log = generateSigner(origin);
const witness = generateSigner("witness.example/w1", "cosignature");
const other = generateSigner("witness.example/w2", "cosignature");
const note = signCheckpoint({ origin, size: 7, root: Buffer.alloc(32, 7) }, log);
const { text, signatures } = parseNote(note);
const time = 1_679_315_147;
const line = cosign(note, witness, time);
const invalid = { code: "signature-invalid" };

const withLines = (...lines: NoteSignature[]): string =>
  encodeNote({ text, signatures: [...signatures, ...lines] });

describe("ledger/note/cosignature", () => {
  it("signs the time and the whole text, as C2SP tlog-cosignature says", () => {
    assert.equal(line.signature.length, 72);
    assert.equal(line.signature.readBigUInt64BE(), BigInt(time));
    const key = { kty: "OKP", crv: "Ed25519", x: witness.verifier.publicKey.toString("base64url") };
    const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
    assert.ok(verify(null, message, createPublicKey({ key, format: "jwk" }), line.signature.subarray(8)));
    assert.deepEqual(openCosignature(text, line, witness.verifier), { atMs: time * 1000 });
  });

  it("opens beside the log's own signature and strangers' lines, in the note's order", () => {
    const whole = withLines(
      cosign(note, other, time + 5),
      line,
      cosign(note, generateSigner("x", "cosignature"), 1),
    );
    openCheckpoint(whole, log.verifier);
    const known = openCosignatures(whole, [witness.verifier, other.verifier]);
    assert.deepEqual(known, [
      { name: "witness.example/w2", atMs: (time + 5) * 1000 },
      { name: "witness.example/w1", atMs: time * 1000 },
    ]);
    assert.deepEqual(openCosignatures(note, [witness.verifier]), []);
  });

  it("sees any one flipped bit of a cosignature", () => {
    for (let bit = 0; bit < line.signature.length * 8; bit += 1) {
      const signature = Buffer.from(line.signature);
      signature.writeUInt8(signature.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.throws(() => openCosignature(text, { ...line, signature }, witness.verifier), invalid);
    }
  });

  it("holds a cosignature to its text, its key and its length", () => {
    assert.throws(() => openCosignature(text.replace("7", "8"), line, witness.verifier), invalid);
    assert.throws(() => openCosignature(text, line, other.verifier), invalid);
    const { name, keyId } = other.verifier;
    assert.throws(() => openCosignature(text, { ...line, name, keyId }, other.verifier), invalid);
    for (const length of [1, 7, 8, 64, 71]) {
      const short = { ...line, signature: line.signature.subarray(0, length) };
      assert.throws(() => openCosignature(text, short, witness.verifier), invalid);
      assert.throws(() => openCosignatures(withLines(line, short), [witness.verifier]), invalid);
    }
    const long = { ...line, signature: Buffer.concat([line.signature, Buffer.of(0)]) };
    assert.throws(() => openCosignature(text, long, witness.verifier), invalid);
  });

  it("lets no key do the other's work", () => {
    assert.throws(() => cosign(note, log, time), TypeError);
    assert.throws(() => signNote(text, witness), TypeError);
    assert.throws(() => openCheckpoint(note, witness.verifier), TypeError);
    assert.throws(() => openCosignature(text, line, log.verifier), TypeError);
  });

  it("cosigns checkpoints only, at a time that is one", () => {
    assert.equal(
      new Date(openCosignature(text, cosign(note, witness, 8.64e12), witness.verifier).atMs).getUTCFullYear(),
      275760,
    );
    assert.throws(() => cosign(note, witness, 8.64e12 + 1), TypeError); // no date can say it
    const noCheckpoint = encodeNote({ text: "hello\n", signatures });
    assert.throws(() => cosign(noCheckpoint, witness, time), { code: "checkpoint-invalid" });
    assert.throws(() => cosign("hello", witness, time), { code: "note-invalid" });
    for (const bad of [-1, 0.5, NaN, 2 ** 53]) assert.throws(() => cosign(note, witness, bad), TypeError);
  });
});
