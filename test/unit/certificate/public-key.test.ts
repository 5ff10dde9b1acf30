import assert from "node:assert/strict";
import { publicEncrypt } from "node:crypto";
import {
  decodePublicKey,
  fingerprint,
  KEY_TYPES,
  publicKeyFrom,
  WireWriter,
  type CertificateErrorCode,
} from "../../../src/certificate/index.js";
import { codeOf, holderOf, rsaKey } from "./samples.js";

describe("certificate/public-key", () => {
  for (const type of KEY_TYPES) {
    it(`decodes ${type} and makes the same node:crypto key of it`, () => {
      const { key } = holderOf(type);
      const again = decodePublicKey(key.blob);
      assert.equal(again.type, type);
      assert.deepEqual(again.blob, key.blob);
      if (type.startsWith("sk-")) assert.equal(again.application, "ssh:");
      else assert.deepEqual(publicKeyFrom(again.object).blob, key.blob);
    });

    it(`refuses ${type} cut short anywhere`, () => {
      const { blob } = holderOf(type).key;
      for (let length = 0; length < blob.length; length++)
        assert.equal(
          codeOf(() => decodePublicKey(blob.subarray(0, length))),
          "truncated",
          `at ${length}`,
        );
    });
  }

  it("keeps its own copy of the bytes", () => {
    const bytes = Buffer.from(holderOf("ssh-ed25519").key.blob);
    const key = decodePublicKey(bytes);
    bytes.fill(0);
    assert.deepEqual(key.blob, holderOf("ssh-ed25519").key.blob);
  });

  it("prints the fingerprint that OpenSSH prints", () => {
    // github.com's published host key and fingerprint
    const line = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    const published = "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU";
    const blob = Buffer.from(line, "base64");
    assert.equal(fingerprint(blob), published);
    assert.equal(fingerprint(decodePublicKey(blob)), published);
  });

  it("gives RSA keys that encrypt", () => {
    assert.equal(publicEncrypt(holderOf("ssh-rsa").key.object, Buffer.from("x")).length, 256);
  });

  const point = (): Buffer => Buffer.from(holderOf("ecdsa-sha2-nistp256").key.blob.subarray(-65));
  const offCurve = (): Buffer => {
    const bytes = point();
    bytes.writeUInt8(bytes.readUInt8(64) ^ 1, 64);
    return bytes;
  };
  const compressed = (): Buffer =>
    Buffer.concat([Buffer.of(2 + (point().readUInt8(64) & 1)), point().subarray(1, 33)]);
  const nistp256 = (q: Buffer, curve = "nistp256"): Buffer =>
    new WireWriter().string("ecdsa-sha2-nistp256").string(curve).string(q).finish();
  const ed25519 = (x: Buffer): Buffer => new WireWriter().string("ssh-ed25519").string(x).finish();
  const rsa = (e: Buffer, n: Buffer): Buffer => new WireWriter().string("ssh-rsa").mpint(e).mpint(n).finish();
  const odd = (bytes: number): Buffer => Buffer.alloc(bytes, 0xff);
  const sized = (type: string): Buffer => holderOf("ssh-rsa").key.blob.subarray(4 + type.length);

  const refused: [name: string, blob: () => Buffer, code: CertificateErrorCode][] = [
    ["empty", () => Buffer.alloc(0), "truncated"],
    ["dsa", () => new WireWriter().string("ssh-dss").string("x").finish(), "unsupported-type"],
    ["inherited-property-as-type", () => new WireWriter().string("toString").finish(), "unsupported-type"],
    [
      "certificate",
      () => new WireWriter().string("ssh-ed25519-cert-v01@openssh.com").finish(),
      "unsupported-type",
    ],
    [
      "signature-algorithm-as-type",
      () => new WireWriter().string("rsa-sha2-512").raw(sized("ssh-rsa")).finish(),
      "unsupported-type",
    ],
    ["trailing-byte", () => Buffer.concat([ed25519(odd(32)), Buffer.of(0)]), "trailing-bytes"],
    ["ed25519-of-31-bytes", () => ed25519(odd(31)), "wrong-key-length"],
    ["ed25519-of-33-bytes", () => ed25519(odd(33)), "wrong-key-length"],
    ["ed25519-of-no-bytes", () => ed25519(odd(0)), "wrong-key-length"],
    ["other-curve-named", () => nistp256(point(), "nistp384"), "wrong-curve"],
    ["point-off-the-curve", () => nistp256(offCurve()), "invalid-point"],
    ["point-compressed", () => nistp256(compressed()), "invalid-point"],
    ["point-hybrid", () => nistp256(Buffer.concat([Buffer.of(6), point().subarray(1)])), "invalid-point"],
    ["point-at-infinity", () => nistp256(Buffer.of(0)), "invalid-point"],
    ["point-of-zeros", () => nistp256(Buffer.concat([Buffer.of(4), Buffer.alloc(64)])), "invalid-point"],
    [
      "point-of-another-curve",
      () => nistp256(holderOf("ecdsa-sha2-nistp384").key.blob.subarray(-97)),
      "invalid-point",
    ],
    ["point-too-long", () => nistp256(odd(134)), "too-long"],
    ["rsa-1024", () => rsa(Buffer.of(3), odd(128)), "rsa-too-small"],
    ["rsa-2047", () => rsa(Buffer.of(3), Buffer.concat([Buffer.of(0x7f), odd(255)])), "rsa-too-small"],
    ["rsa-of-nothing", () => rsa(Buffer.of(3), Buffer.alloc(0)), "rsa-too-small"],
    ["rsa-16392", () => rsa(Buffer.of(3), odd(2049)), "too-long"],
    [
      "rsa-even-modulus",
      () => rsa(Buffer.of(3), Buffer.concat([odd(255), Buffer.of(0xfe)])),
      "invalid-rsa-key",
    ],
    ["rsa-even-exponent", () => rsa(Buffer.of(4), odd(256)), "invalid-rsa-key"],
    ["rsa-exponent-one", () => rsa(Buffer.of(1), odd(256)), "invalid-rsa-key"],
    ["rsa-exponent-zero", () => rsa(Buffer.alloc(0), odd(256)), "invalid-rsa-key"],
    ["rsa-exponent-of-nine-bytes", () => rsa(odd(9), odd(256)), "too-long"],
    ["longer-than-any-key", () => odd(4097), "too-long"],
  ];
  for (const [name, blob, code] of refused) {
    it(`refuses ${name}`, () =>
      assert.equal(
        codeOf(() => decodePublicKey(blob())),
        code,
      ));
  }

  it("takes RSA of exactly 2048 bits and refuses a node:crypto key of less", () => {
    assert.equal(decodePublicKey(rsa(Buffer.of(3), odd(256))).type, "ssh-rsa");
    assert.equal(
      codeOf(() => rsaKey(1024)),
      "rsa-too-small",
    );
  });
});
