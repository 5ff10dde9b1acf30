import assert from "node:assert/strict";
import {
  encodeCheckpoint,
  encodeNote,
  generateSigner,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  signNote,
} from "../../../../src/ledger/index.js";

const origin = "bastion.example/5eed0001";
const signer = generateSigner(origin);
const root = Buffer.alloc(32, 7);
const base64 = root.toString("base64");
const checkpoint = { origin, size: 20_852_163, root };

const refused: readonly [name: string, text: string][] = [
  ["nothing", ""],
  ["no-root", `${origin}\n7\n`],
  ["no-origin", `\n7\n${base64}\n`],
  ["no-newline-at-the-end", `${origin}\n7\n${base64}`],
  ["a-blank-line", `${origin}\n7\n${base64}\n\n`],
  ["an-extension-line", `${origin}\n7\n${base64}\nmore\n`],
  ["a-leading-zero", `${origin}\n07\n${base64}\n`],
  ["a-sign", `${origin}\n+7\n${base64}\n`],
  ["a-negative-size", `${origin}\n-7\n${base64}\n`],
  ["a-space", `${origin}\n7 \n${base64}\n`],
  ["an-exponent", `${origin}\n7e3\n${base64}\n`],
  ["hexadecimal", `${origin}\n0x7\n${base64}\n`],
  ["other-digits", `${origin}\n٧\n${base64}\n`],
  ["an-empty-size", `${origin}\n\n${base64}\n`],
  ["a-size-past-2^53", `${origin}\n9007199254740992\n${base64}\n`],
  ["a-short-root", `${origin}\n7\n${root.subarray(1).toString("base64")}\n`],
  ["a-long-root", `${origin}\n7\n${Buffer.alloc(33).toString("base64")}\n`],
  ["a-root-without-padding", `${origin}\n7\n${base64.slice(0, -1)}\n`],
];

describe("ledger/note/checkpoint", () => {
  it("is origin, size and root on three lines, signed by the log", () => {
    const note = signCheckpoint(checkpoint, signer);
    assert.ok(note.startsWith(`${origin}\n20852163\n${base64}\n\n— ${origin} `));
    assert.deepEqual(openCheckpoint(note, signer.verifier), checkpoint);
    assert.deepEqual(openCheckpoint(Buffer.from(note), signer.verifier), checkpoint);
  });

  it("reads every size from 0 to 2^53 - 1", () => {
    for (const size of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
      assert.equal(parseCheckpoint(encodeCheckpoint({ ...checkpoint, size })).size, size);
    }
  });

  for (const [name, text] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parseCheckpoint(text), { code: "checkpoint-invalid" });
      if (!text.endsWith("\n")) return; // no note either
      const note = encodeNote({ text, signatures: [signNote(text, signer)] });
      assert.throws(() => openCheckpoint(note, signer.verifier), { code: "checkpoint-invalid" });
    });
  }

  it("does not believe one log about another", () => {
    const other = generateSigner("other.example/log");
    const text = encodeCheckpoint(checkpoint);
    const note = encodeNote({ text, signatures: [signNote(text, other)] });
    assert.throws(() => openCheckpoint(note, signer.verifier), { code: "signature-invalid" });
    assert.throws(() => openCheckpoint(note, other.verifier), { code: "checkpoint-invalid" });
    assert.throws(() => signCheckpoint(checkpoint, other), TypeError);
  });

  it("writes no checkpoint that it would not read", () => {
    const wrong = [
      { ...checkpoint, origin: "" },
      { ...checkpoint, origin: "two\nlines" },
      { ...checkpoint, size: 1.5 },
      { ...checkpoint, size: -1 },
      { ...checkpoint, size: 2 ** 53 },
      { ...checkpoint, root: Buffer.alloc(31) },
    ];
    for (const each of wrong) assert.throws(() => encodeCheckpoint(each));
  });
});
