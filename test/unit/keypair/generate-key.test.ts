import assert from "node:assert/strict";
import { createPublicKey, sign, verify } from "node:crypto";
import { generateKey, type KeyKind } from "../../../src/keypair/index.js";

describe("keypair/generate-key", () => {
  for (const kind of ["ed25519", "P-256", "P-384", "P-521", { rsaBits: 2048 }] satisfies KeyKind[])
    it(`makes a key that signs: ${typeof kind === "object" ? "RSA" : kind}`, () => {
      const [one, other] = [generateKey(kind), generateKey(kind)];
      const signature = sign(kind === "ed25519" ? null : "sha256", Buffer.from("a"), one);
      const isOf = (key: typeof one) =>
        verify(kind === "ed25519" ? null : "sha256", Buffer.from("a"), createPublicKey(key), signature);
      assert.deepEqual([isOf(one), isOf(other)], [true, false]);
    });

  it("makes a key for agreement, and one of the length that is asked for", () => {
    assert.equal(generateKey("x25519").asymmetricKeyType, "x25519");
    assert.equal(generateKey({ rsaBits: 3072 }).asymmetricKeyDetails?.modulusLength, 3072);
  });

  it("never waits for itself: a key is exported while jobs of keys are collected", () => {
    for (let round = 0; round < 1500; round += 1) {
      const key = generateKey(round % 2 === 0 ? "P-256" : "ed25519");
      for (let times = 0; times < 20; times += 1) assert.ok(key.export({ format: "jwk" }).d);
    }
  });
});
