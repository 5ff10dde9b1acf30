import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import fc from "fast-check";
import {
  algorithmsOf,
  certificateTypeOf,
  generatePrivateKey,
  KEY_TYPES,
  verifySignature,
  WireWriter,
  type PublicKey,
  type SignatureDemands,
  type SignatureReason,
} from "../../../src/certificate/index.js";
import { Authenticator, TOUCHED, TOUCHED_AND_VERIFIED, type HardwareType } from "./authenticator.js";
import { codeOf, holderOf, rsaKey } from "./samples.js";

const data = Buffer.from("session id and request");
const rsa = rsaKey(2048);
const ed25519 = generatePrivateKey("ed25519");
const nistp256 = generatePrivateKey("nistp256");

function outcome(key: PublicKey, algorithm: string, signature: Buffer, demands?: SignatureDemands): string {
  const verdict = verifySignature(key, algorithm, signature, data, demands);
  return verdict.ok ? "ok" : verdict.reason;
}

describe("certificate/verify-signature", () => {
  for (const type of KEY_TYPES) {
    const [algorithm = ""] = algorithmsOf(type);

    it(`accepts ${algorithm}, under its plain and its certificate name`, () => {
      const { key, sign } = bound(type);
      assert.equal(outcome(key, algorithm, sign(data)), "ok");
      const asCertificate =
        type === "ssh-rsa" ? `${algorithm}-cert-v01@openssh.com` : certificateTypeOf(type);
      assert.equal(outcome(key, asCertificate, sign(data)), "ok");
    });

    it(`denies ${algorithm} over other data and by another key`, () => {
      const { key, sign } = bound(type);
      assert.equal(outcome(key, algorithm, sign(Buffer.from("something else"))), "bad-signature");
      if (type.startsWith("sk-")) {
        const other = new Authenticator(type as HardwareType);
        assert.equal(outcome(key, algorithm, other.sign(data)), "bad-signature");
      }
    });

    it(`never accepts ${algorithm} cut short or with a byte changed`, () => {
      const { key, sign } = bound(type);
      const signature = sign(data);
      for (let at = 0; at < signature.length; at++) {
        assert.equal(
          outcome(key, algorithm, signature.subarray(0, at)),
          "malformed-signature",
          `cut at ${at}`,
        );
        const changed = Buffer.from(signature);
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        assert.notEqual(outcome(key, algorithm, changed), "ok", `byte ${at}`);
      }
      assert.equal(outcome(key, algorithm, Buffer.concat([signature, Buffer.of(0)])), "malformed-signature");
    });
  }

  it("never throws, and never accepts, on bytes of any kind", () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value));
    const framed = fc.tuple(fc.constantFrom(...KEY_TYPES), bytes, bytes).map(([type, body, rest]) => ({
      type,
      signature: new WireWriter()
        .string(algorithmsOf(type)[0] ?? "")
        .string(body)
        .raw(rest)
        .finish(),
    }));
    fc.assert(
      fc.property(framed, ({ type, signature }) => {
        assert.notEqual(outcome(holderOf(type).key, algorithmsOf(type)[0] ?? "", signature), "ok");
      }),
      { numRuns: 500 },
    );
  });

  it("accepts rsa-sha2-256 and rsa-sha2-512 only under the name announced", () => {
    const sha256 = rsa.sign(data, "rsa-sha2-256");
    const sha512 = rsa.sign(data, "rsa-sha2-512");
    assert.equal(outcome(rsa.public, "rsa-sha2-256", sha256), "ok");
    assert.equal(outcome(rsa.public, "rsa-sha2-512", sha512), "ok");
    assert.equal(outcome(rsa.public, "rsa-sha2-512", sha256), "algorithm-mismatch");
    assert.equal(outcome(rsa.public, "rsa-sha2-256-cert-v01@openssh.com", sha256), "ok");
  });

  it("refuses to sign with an algorithm that is not the key's", () => {
    assert.equal(
      codeOf(() => ed25519.sign(data, "rsa-sha2-512")),
      "invalid-request",
    );
  });

  const sha1 = (name: string): Buffer =>
    new WireWriter().string(name).string(createSign("sha1").update(data).sign(rsa.object)).finish();
  const pair = (r: Buffer, s: Buffer): Buffer =>
    new WireWriter()
      .string("ecdsa-sha2-nistp256")
      .string(new WireWriter().mpint(r).mpint(s).finish())
      .finish();
  const unpadded = new WireWriter().string("rsa-sha2-512").string(Buffer.alloc(255, 1)).finish();

  const denied: [
    name: string,
    key: PublicKey,
    algorithm: string,
    signature: () => Buffer,
    reason: SignatureReason,
  ][] = [
    ["sha1", rsa.public, "ssh-rsa", () => sha1("ssh-rsa"), "algorithm-refused"],
    [
      "sha1-by-certificate",
      rsa.public,
      "ssh-rsa-cert-v01@openssh.com",
      () => sha1("ssh-rsa"),
      "algorithm-refused",
    ],
    ["sha1-announced-as-sha2", rsa.public, "rsa-sha2-256", () => sha1("ssh-rsa"), "algorithm-mismatch"],
    ["sha1-named-sha2", rsa.public, "rsa-sha2-256", () => sha1("rsa-sha2-256"), "bad-signature"],
    ["another-type", ed25519.public, "ecdsa-sha2-nistp256", () => nistp256.sign(data), "algorithm-refused"],
    [
      "webauthn",
      nistp256.public,
      "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
      () => nistp256.sign(data),
      "algorithm-refused",
    ],
    ["no-algorithm", ed25519.public, "", () => ed25519.sign(data), "algorithm-refused"],
    ["short-rsa-signature", rsa.public, "rsa-sha2-512", () => unpadded, "bad-signature"],
    [
      "zero-pair",
      nistp256.public,
      "ecdsa-sha2-nistp256",
      () => pair(Buffer.of(), Buffer.of()),
      "bad-signature",
    ],
    [
      "huge-pair",
      nistp256.public,
      "ecdsa-sha2-nistp256",
      () => pair(Buffer.alloc(33, 1), Buffer.of(1)),
      "malformed-signature",
    ],
    ["oversized", ed25519.public, "ssh-ed25519", () => Buffer.alloc(4097), "malformed-signature"],
  ];
  for (const [name, key, algorithm, signature, reason] of denied) {
    it(`denies with ${reason}: ${name}`, () => assert.equal(outcome(key, algorithm, signature()), reason));
  }
});

describe("certificate/verify-signature, hardware keys", () => {
  const touch = { userPresence: true, userVerification: false };
  const pin = { userPresence: true, userVerification: true };
  const nothing = { userPresence: false, userVerification: false };
  const rows: [name: string, flags: number, demands: SignatureDemands | undefined, expected: string][] = [
    ["untouched-by-default", 0, undefined, "user-presence-missing"],
    ["touched-by-default", TOUCHED, undefined, "ok"],
    ["untouched", 0, touch, "user-presence-missing"],
    ["verified-but-untouched", 0x04, touch, "user-presence-missing"],
    ["touched-where-pin-is-wanted", TOUCHED, pin, "user-verification-missing"],
    ["touched-and-verified", TOUCHED_AND_VERIFIED, pin, "ok"],
    ["untouched-where-nothing-is-wanted", 0, nothing, "ok"],
  ];
  for (const type of ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"] as const) {
    for (const [name, flags, demands, expected] of rows) {
      it(`${type}: ${name} is ${expected}`, () => {
        const hardware = new Authenticator(type);
        assert.equal(outcome(hardware.key, type, hardware.sign(data, flags), demands), expected);
      });
    }

    it(`${type}: flags cannot be raised after signing`, () => {
      const hardware = new Authenticator(type);
      const signature = hardware.sign(data, 0);
      signature.writeUInt8(TOUCHED, signature.length - 5);
      assert.equal(outcome(hardware.key, type, signature), "bad-signature");
    });
  }
});

function bound(type: (typeof KEY_TYPES)[number]): { key: PublicKey; sign: (data: Buffer) => Buffer } {
  const holder = holderOf(type);
  return { key: holder.key, sign: (bytes) => holder.sign(bytes) };
}
