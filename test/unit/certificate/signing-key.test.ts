import assert from "node:assert/strict";
import { generatePrivateKey, verifySignature, type GeneratedType } from "../../../src/certificate/index.js";

describe("certificate/signing-key", () => {
  const rows: [generated: GeneratedType, type: string, algorithm: string][] = [
    ["ed25519", "ssh-ed25519", "ssh-ed25519"],
    ["nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"],
    ["nistp384", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"],
    ["nistp521", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"],
    ["rsa", "ssh-rsa", "rsa-sha2-512"],
  ];
  for (const [generated, type, algorithm] of rows) {
    it(`generates ${generated} keys that sign with ${algorithm}, each another`, () => {
      const key = generatePrivateKey(generated);
      const data = Buffer.from("data");
      assert.equal(key.public.type, type);
      assert.deepEqual(verifySignature(key.public, algorithm, key.sign(data), data), { ok: true });
      assert.notDeepEqual(generatePrivateKey(generated).public.blob, key.public.blob);
    });
  }

  it("generates RSA of ssh-keygen's size", () => {
    assert.equal(generatePrivateKey("rsa").object.asymmetricKeyDetails?.modulusLength, 3072);
  });
});
