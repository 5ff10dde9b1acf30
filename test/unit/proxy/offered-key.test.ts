import assert from "node:assert/strict";
import {
  decodePublicKey,
  fingerprint,
  generatePrivateKey,
  issueCertificate,
  type PrivateKey,
} from "../../../src/certificate/index.js";
import { provesPossession, recogniseKey, type KnownKeys } from "../../../src/proxy/offered-key.js";

const [userCa, otherCa] = [generatePrivateKey("ed25519"), generatePrivateKey("ed25519")];
const keys = {
  ed25519: generatePrivateKey("ed25519"),
  nistp256: generatePrivateKey("nistp256"),
  rsa: generatePrivateKey("rsa"),
};
const stranger = generatePrivateKey("ed25519");
const known: KnownKeys = {
  userCas: [userCa.public],
  registered: new Set(Object.values(keys).map((key) => fingerprint(key.public))),
};

function certificate(
  key: PrivateKey,
  ca: PrivateKey,
  changes: { kind?: "user" | "host"; validBefore?: bigint } = {},
): Buffer {
  const request = {
    key: key.public,
    kind: changes.kind ?? ("user" as const),
    serial: 1n,
    keyId: "alice",
    principals: ["alice"],
    validAfter: 0n,
    validBefore: changes.validBefore ?? 4_102_444_800n,
    nonce: Buffer.alloc(32, 1),
  };
  return issueCertificate(request, ca);
}

const good = certificate(stranger, userCa);
const certified = "ssh-ed25519-cert-v01@openssh.com";

function flipped(blob: Buffer, at: number): Buffer {
  const copy = Buffer.from(blob);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe("proxy/offered-key recogniseKey", () => {
  const table: [name: string, algorithm: string, blob: Buffer, isKnown: boolean][] = [
    ["registered-ed25519", "ssh-ed25519", keys.ed25519.public.blob, true],
    ["registered-ecdsa", "ecdsa-sha2-nistp256", keys.nistp256.public.blob, true],
    ["registered-rsa-with-sha-512", "rsa-sha2-512", keys.rsa.public.blob, true],
    ["registered-rsa-with-sha-256", "rsa-sha2-256", keys.rsa.public.blob, true],
    ["registered-rsa-with-sha-1", "ssh-rsa", keys.rsa.public.blob, false],
    ["nobody's-key", "ssh-ed25519", stranger.public.blob, false],
    ["another-algorithm-than-the-key's", "ecdsa-sha2-nistp256", keys.ed25519.public.blob, false],
    ["our-certificate", certified, good, true],
    [
      "our-certificate-of-an-rsa-key",
      "rsa-sha2-512-cert-v01@openssh.com",
      certificate(keys.rsa, userCa),
      true,
    ],
    ["rsa-certificate-with-sha-1", "ssh-rsa-cert-v01@openssh.com", certificate(keys.rsa, userCa), false],
    // control says why to whom it once let in
    ["our-certificate-that-ran-out", certified, certificate(stranger, userCa, { validBefore: 5n }), true],
    ["another-ca's-certificate", certified, certificate(stranger, otherCa), false],
    ["another-ca's-certificate-of-a-known-key", certified, certificate(keys.ed25519, otherCa), false],
    ["host-certificate", certified, certificate(stranger, userCa, { kind: "host" }), false],
    ["forged-certificate", certified, flipped(good, good.length - 1), false],
    ["changed-certificate", certified, flipped(good, 60), false],
    ["certificate-announced-as-a-plain-key", "ssh-ed25519", good, false],
    ["plain-key-announced-as-a-certificate", certified, keys.ed25519.public.blob, false],
    ["certificate-of-another-type", "ecdsa-sha2-nistp256-cert-v01@openssh.com", good, false],
    ["key-that-is-cut", "ssh-ed25519", keys.ed25519.public.blob.subarray(0, -1), false],
    [
      "key-with-more-behind-it",
      "ssh-ed25519",
      Buffer.concat([keys.ed25519.public.blob, Buffer.of(0)]),
      false,
    ],
    ["no-key", "ssh-ed25519", Buffer.alloc(0), false],
    ["no-algorithm", "", keys.ed25519.public.blob, false],
    ["algorithm-nobody-knows", "ssh-new", keys.ed25519.public.blob, false],
  ];
  for (const [name, algorithm, blob, isKnown] of table)
    it(`${isKnown ? "takes" : "turns away"} ${name}`, () =>
      assert.equal(recogniseKey(algorithm, blob, known) !== undefined, isKnown));

  it("gives the key that signs, which in a certificate is the one inside", () => {
    const offered = recogniseKey(certified, good, known);
    assert.ok(offered);
    assert.deepEqual(offered.key.blob, stranger.public.blob);
    assert.equal(offered.certificate?.keyId, "alice");
  });
});

describe("proxy/offered-key provesPossession", () => {
  const data = Buffer.from("what is signed");
  const offered = (key: PrivateKey, algorithm: string) => ({
    algorithm,
    key: decodePublicKey(key.public.blob),
    certificate: undefined,
  });

  it("takes a signature by the key with the announced algorithm, and no other", () => {
    const rsa = offered(keys.rsa, "rsa-sha2-256");
    assert.equal(provesPossession(rsa, keys.rsa.sign(data, "rsa-sha2-256"), data), true);
    assert.equal(provesPossession(rsa, keys.rsa.sign(data, "rsa-sha2-512"), data), false);
    const ed25519 = offered(keys.ed25519, "ssh-ed25519");
    assert.equal(provesPossession(ed25519, keys.ed25519.sign(data), data), true);
    assert.equal(provesPossession(ed25519, stranger.sign(data), data), false);
    assert.equal(provesPossession(ed25519, keys.ed25519.sign(data), Buffer.from("else")), false);
    assert.equal(provesPossession(ed25519, Buffer.alloc(0), data), false);
  });

  it("knows the certificate's algorithm for the plain one's", () => {
    const { key } = offered(stranger, "");
    const certificate = recogniseKey(certified, good, known)?.certificate;
    assert.equal(
      provesPossession({ algorithm: certified, key, certificate }, stranger.sign(data), data),
      true,
    );
  });
});
