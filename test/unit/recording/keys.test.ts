import assert from "node:assert/strict";
import {
  commitKey,
  encodeAuditorPrivateKey,
  encodeAuditorPublicKey,
  generateAuditorKey,
  parseAuditorPrivateKey,
  parseAuditorPublicKey,
  unwrapDataKey,
  wrapDataKey,
} from "../../../src/recording/index.js";
import { verifyCommitment } from "../../../src/recording/key-commitment.js";
import { dataKey } from "./samples.js";

const alice = generateAuditorKey();
const bob = generateAuditorKey();

describe("recording/auditor-key", () => {
  it("reads back both forms of a key", () => {
    assert.deepEqual(parseAuditorPrivateKey(encodeAuditorPrivateKey(alice)), alice);
    assert.deepEqual(parseAuditorPublicKey(encodeAuditorPublicKey(alice)), { x: alice.x });
  });

  it("reads a private key however its JSON is laid out", () => {
    const { x, d } = alice;
    const text = JSON.stringify({ d, x, crv: "X25519", kty: "OKP", kid: "mine" }, undefined, 2);
    assert.deepEqual(parseAuditorPrivateKey(text), alice);
  });

  const text = encodeAuditorPublicKey(alice);
  for (const [name, bad] of [
    ["no-prefix", alice.x],
    ["other-prefix", text.replace("auditor", "Auditor")],
    ["too-short", text.slice(0, -1)],
    ["too-long", `${text}A`],
    ["space-behind", `${text} `],
    ["line-behind", `${text}\n`],
    ["not-base64url", `${text.slice(0, -2)}+A`],
    ["stray-bits", `${text.slice(0, -1)}B`],
  ] as const)
    it(`refuses a public key that is ${name}`, () =>
      assert.throws(() => parseAuditorPublicKey(bad), { code: "auditor-key-invalid" }));

  for (const [name, bad] of [
    ["empty", ""],
    ["no-json", "bascule"],
    ["null", "null"],
    ["public-only", JSON.stringify({ kty: "OKP", crv: "X25519", x: alice.x })],
    ["another-curve", JSON.stringify({ kty: "OKP", crv: "Ed25519", ...alice })],
    ["halves-of-two-keys", JSON.stringify({ kty: "OKP", crv: "X25519", x: bob.x, d: alice.d })],
  ] as const)
    it(`refuses a private key that is ${name}, without repeating it`, () =>
      assert.throws(
        () => parseAuditorPrivateKey(bad),
        (error: Error & { code?: string }) =>
          error.code === "auditor-key-invalid" && !error.message.includes(alice.d),
      ));
});

describe("recording/data-key", () => {
  it("opens for each auditor it was sealed to", async () => {
    const keys = await wrapDataKey(dataKey, [alice, bob]);
    assert.deepEqual(
      keys.map(({ recipient }) => recipient),
      [alice, bob].map(encodeAuditorPublicKey),
    );
    for (const auditor of [alice, bob]) assert.deepEqual(await unwrapDataKey(keys, [auditor]), dataKey);
  });

  it("does not open for another, nor as another of the recording's keys", async () => {
    const keys = await wrapDataKey(dataKey, [alice]);
    await assert.rejects(unwrapDataKey(keys, [bob]), { code: "key-not-for-us" });
    await assert.rejects(unwrapDataKey(keys, []), { code: "key-not-for-us" });
    await assert.rejects(unwrapDataKey(keys, [alice], "apart"), { code: "key-not-for-us" });
  });

  it("does not open a wrapped key of which any part was changed", async () => {
    const [key] = await wrapDataKey(dataKey, [alice]);
    for (const part of [0, 1, 2, 3, 4]) {
      const parts = key!.jwe.split(".");
      parts[part] = parts[part]!.replace(/^./u, (first) => (first === "A" ? "B" : "A"));
      const changed = [{ ...key!, jwe: parts.join(".") }];
      await assert.rejects(unwrapDataKey(changed, [alice]), { code: "key-not-for-us" }, `part ${part}`);
    }
  });

  it("does not open a wrapped key that was put under another's name", async () => {
    const [key] = await wrapDataKey(dataKey, [alice]);
    const renamed = [{ ...key!, recipient: encodeAuditorPublicKey(bob) }];
    await assert.rejects(unwrapDataKey(renamed, [alice, bob]), { code: "key-not-for-us" });
  });

  it("refuses to seal to what is no key", async () => {
    await assert.rejects(wrapDataKey(dataKey, [{ x: "AAAA" }]), { code: "auditor-key-invalid" });
  });
});

describe("recording/key-commitment", () => {
  it("tells the key and the session apart from others", () => {
    const commitment = commitKey(dataKey, "ses-1");
    verifyCommitment(dataKey, "ses-1", commitment);
    assert.throws(() => verifyCommitment(Buffer.alloc(32), "ses-1", commitment), { code: "key-commitment" });
    assert.throws(() => verifyCommitment(dataKey, "ses-2", commitment), { code: "key-commitment" });
    assert.throws(() => verifyCommitment(dataKey, "ses-1", commitment.slice(1)), { code: "key-commitment" });
  });
});
