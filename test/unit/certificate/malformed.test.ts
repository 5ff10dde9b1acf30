import assert from "node:assert/strict";
import { encodeSignedBytes } from "../../../src/certificate/certificate.js";
import {
  certificateTypeOf,
  decodeCertificate,
  decodePublicKey,
  encodeCertificate,
  encodePrivateKey,
  issueCertificate,
  KEY_TYPES,
  parsePrivateKey,
  parsePublicKeyLine,
  parseSourceAddresses,
  verifyCertificate,
  WireReader,
  WireWriter,
  type CertificateErrorCode,
} from "../../../src/certificate/index.js";
import { Authenticator } from "./authenticator.js";
import {
  authority,
  certify,
  codeOf,
  holderOf,
  holding,
  NOW_S,
  sampleDemands,
  sampleFields,
} from "./samples.js";

/** How the bytes are refused, or denied; undefined when they are believed. */
function refusalOf(blob: Buffer, demands = sampleDemands()): string | undefined {
  let certificate;
  try {
    certificate = decodeCertificate(blob);
  } catch (error) {
    return codeOf(() => {
      throw error;
    });
  }
  const verdict = verifyCertificate(certificate, demands);
  return verdict.ok ? undefined : verdict.reason;
}

/** Where each length field is, also of the strings within principals, options, authority's key and signature. */
function lengthFields(blob: Buffer, numbers: number): number[] {
  const found: number[] = [];
  let at = 0;
  const string = (isContainer: boolean): void => {
    found.push(at);
    const end = at + 4 + blob.readUInt32BE(at);
    for (let inner = at + 4; isContainer && inner < end; inner += 4 + blob.readUInt32BE(inner))
      found.push(inner);
    at = end;
  };
  for (let field = 0; field < 2 + numbers; field++) string(false); // type, nonce, the key's numbers
  at += 8 + 4; // serial, kind
  string(false);
  string(true); // principals
  at += 8 + 8;
  for (const isContainer of [true, true, false, true, true]) string(isContainer);
  assert.equal(at, blob.length);
  return found;
}

const NUMBERS: Record<string, number> = { "ssh-ed25519": 1, "sk-ecdsa-sha2-nistp256@openssh.com": 3 };

describe("certificate, byte by byte", () => {
  for (const type of KEY_TYPES) {
    const { blob } = certify({ key: holderOf(type).key });

    it(`refuses a ${type} certificate cut short at every length`, () => {
      for (let length = 0; length < blob.length; length++)
        assert.equal(refusalOf(blob.subarray(0, length)), "truncated", `at ${length}`);
    });

    it(`refuses a byte after a ${type} certificate`, () => {
      for (const byte of [0, 1, 255])
        assert.equal(refusalOf(Buffer.concat([blob, Buffer.of(byte)])), "trailing-bytes");
    });

    it(`never believes a ${type} certificate with one byte changed`, () => {
      assert.equal(refusalOf(blob), undefined);
      const masks = type === "ssh-ed25519" ? [1, 2, 4, 8, 16, 32, 64, 128, 255] : [1, 128, 255];
      for (let at = 0; at < blob.length; at++) {
        for (const mask of masks) {
          const changed = Buffer.from(blob);
          changed.writeUInt8(changed.readUInt8(at) ^ mask, at);
          assert.notEqual(refusalOf(changed), undefined, `byte ${at}, mask ${mask}`);
        }
      }
    });

    it(`refuses every length field of a ${type} certificate enlarged`, () => {
      const numbers = NUMBERS[type] ?? 2;
      for (const at of lengthFields(blob, numbers)) {
        for (const grow of [1, 4, 256, 0x10000]) {
          const changed = Buffer.from(blob);
          changed.writeUInt32BE(changed.readUInt32BE(at) + grow, at);
          assert.notEqual(refusalOf(changed), undefined, `length at ${at} by ${grow}`);
        }
        const endless = Buffer.from(blob);
        endless.writeUInt32BE(0xffff_ffff, at);
        assert.ok(["too-long", "malformed-signature"].includes(refusalOf(endless) ?? ""), `length at ${at}`);
      }
    });
  }

  it("never believes a certificate with one byte changed, whatever the authority's key", () => {
    for (const ca of KEY_TYPES.map(holderOf)) {
      const demands = sampleDemands({ trusted: [ca.key] });
      const { blob, signature } = certify({}, ca);
      assert.equal(refusalOf(blob, demands), undefined);
      for (let at = blob.length - signature.length; at < blob.length; at++) {
        const changed = Buffer.from(blob);
        changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
        assert.notEqual(refusalOf(changed, demands), undefined, `${ca.key.type}, byte ${at}`);
      }
    }
  });
});

/** A signed certificate whose fields after the validity are written by hand. */
function handmade(tail: {
  critical?: Buffer;
  extensions?: Buffer;
  reserved?: string;
  ca?: Buffer;
  kind?: number;
}): Buffer {
  const { key, nonce } = sampleFields();
  const signed = new WireWriter()
    .string(certificateTypeOf(key.type))
    .string(nonce)
    .raw(key.blob.subarray(4 + key.type.length))
    .uint64(1n)
    .uint32(tail.kind ?? 1)
    .string("id")
    .string(new WireWriter().string("alice").finish())
    .uint64(0n)
    .uint64(NOW_S * 2n)
    .string(tail.critical ?? "")
    .string(tail.extensions ?? "")
    .string(tail.reserved ?? "")
    .string(tail.ca ?? authority.public.blob)
    .finish();
  return new WireWriter().raw(signed).string(authority.sign(signed)).finish();
}

function flags(...names: string[]): Buffer {
  const writer = new WireWriter();
  for (const name of names) writer.string(name).string("");
  return writer.finish();
}

const privateText = encodePrivateKey(authority, "");
const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const tooMany = Array.from({ length: 65 }, (_, index) => String(index).padStart(2, "0"));
const otherPublicHalf = (): string => {
  const file = Buffer.from(privateText.split("\n").slice(1, -2).join(""), "base64").toString("hex");
  const [mine, theirs] = [authority.public, holderOf("ssh-ed25519").key].map(({ blob }) =>
    blob.toString("hex"),
  );
  const base64 = Buffer.from(file.replace(mine!, theirs!), "hex").toString("base64");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${base64}\n-----END OPENSSH PRIVATE KEY-----\n`;
};
const encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
const rsa1024 = new WireWriter().string("ssh-rsa").mpint(Buffer.of(3)).mpint(Buffer.alloc(128, 255)).finish();
const rsaEven = new WireWriter().string("ssh-rsa").mpint(Buffer.of(2)).mpint(Buffer.alloc(256, 255)).finish();
const offCurve = Buffer.concat([
  holderOf("ecdsa-sha2-nistp256").key.blob.subarray(0, -64),
  Buffer.alloc(64, 1),
]);
const wrongCurve = new WireWriter().string("ecdsa-sha2-nistp256").string("nistp521").string("").finish();

/** At least one way to each code: the compiler notices a code without one. */
const EVERY_CODE: Record<CertificateErrorCode, Record<string, () => unknown>> = {
  truncated: { certificate: () => decodeCertificate(Buffer.alloc(3)) },
  "trailing-bytes": {
    certificate: () => decodeCertificate(Buffer.concat([certify().blob, Buffer.of(0)])),
    "authority-key": () =>
      decodeCertificate(handmade({ ca: Buffer.concat([authority.public.blob, Buffer.of(0)]) })),
  },
  "too-long": {
    certificate: () => decodeCertificate(Buffer.alloc(32_769)),
    nonce: () => certify({ nonce: Buffer.alloc(65) }),
    "key-id": () => certify({ keyId: "x".repeat(1025) }),
    principal: () => certify({ principals: ["x".repeat(257)] }),
    "option-name": () => certify({ extensions: new Map([["x".repeat(129), Buffer.alloc(0)]]) }),
    "option-data": () => certify({ extensions: new Map([["x", Buffer.alloc(8_193)]]) }),
    application: () => new Authenticator("sk-ssh-ed25519@openssh.com", `ssh:${"x".repeat(253)}`),
    signature: () => decodeCertificate(encodeCertificate(sampleFields(), Buffer.alloc(4_097))),
  },
  "too-many": {
    options: () => decodeCertificate(handmade({ extensions: flags(...tooMany) })),
    "options-to-encode": () =>
      encodeSignedBytes(sampleFields({ extensions: new Map(tooMany.map((n) => [n, Buffer.alloc(0)])) })),
    addresses: () => parseSourceAddresses(Array(257).fill("10.0.0.1").join(",")),
  },
  "invalid-text": { "key-id-with-nul": () => certify({ keyId: "alice\0root" }) },
  "invalid-boolean": { two: () => new WireReader(Buffer.of(2)).boolean() },
  "invalid-integer": {
    "rsa-modulus": () =>
      decodePublicKey(
        new WireWriter().string("ssh-rsa").mpint(Buffer.of(3)).string(Buffer.alloc(9)).finish(),
      ),
  },
  "invalid-base64": { line: () => parsePublicKeyLine(`${line.slice(0, -1)}*`) },
  "invalid-line": { line: () => parsePublicKeyLine("ssh-ed25519") },
  "type-mismatch": { line: () => parsePublicKeyLine(line.replace("ed25519", "rsa")) },
  "unsupported-type": {
    "plain-key-as-certificate": () => decodeCertificate(authority.public.blob),
    "dsa-authority": () => decodeCertificate(handmade({ ca: new WireWriter().string("ssh-dss").finish() })),
    "unknown-certificate": () =>
      decodeCertificate(new WireWriter().string("ssh-dss-cert-v01@openssh.com").finish()),
    "negotiated-name": () =>
      decodeCertificate(new WireWriter().string("rsa-sha2-512-cert-v01@openssh.com").finish()),
  },
  "wrong-curve": { "authority-key": () => decodeCertificate(handmade({ ca: wrongCurve })) },
  "invalid-point": { "authority-key": () => decodeCertificate(handmade({ ca: offCurve })) },
  "wrong-key-length": {
    "authority-key": () =>
      decodeCertificate(handmade({ ca: new WireWriter().string("ssh-ed25519").string("x").finish() })),
  },
  "invalid-rsa-key": { "authority-key": () => decodeCertificate(handmade({ ca: rsaEven })) },
  "rsa-too-small": { "authority-key": () => decodeCertificate(handmade({ ca: rsa1024 })) },
  "certificate-as-ca": { chain: () => decodeCertificate(handmade({ ca: certify().blob })) },
  "invalid-kind": {
    "kind-zero": () => decodeCertificate(handmade({ kind: 0 })),
    "kind-three": () => decodeCertificate(handmade({ kind: 3 })),
  },
  "unsorted-options": {
    critical: () => decodeCertificate(handmade({ critical: flags("verify-required", "force-command") })),
    extensions: () =>
      decodeCertificate(handmade({ extensions: flags("permit-pty", "permit-X11-forwarding") })),
    "by-bytes-not-by-locale": () => decodeCertificate(handmade({ extensions: flags("a", "Z") })),
    "duplicate-apart": () => decodeCertificate(handmade({ extensions: flags("a", "b", "a") })),
  },
  "duplicate-option": {
    critical: () => decodeCertificate(handmade({ critical: flags("verify-required", "verify-required") })),
    extensions: () => decodeCertificate(handmade({ extensions: flags("permit-pty", "permit-pty") })),
  },
  "reserved-not-empty": { certificate: () => decodeCertificate(handmade({ reserved: "x" })) },
  "invalid-address": { list: () => parseSourceAddresses("10.0.0.0/33") },
  "invalid-request": {
    "no-principals": () =>
      issueCertificate({ ...sampleFields(), principals: [], criticalOptions: {}, extensions: [] }, authority),
  },
  "invalid-private-key": { rubbish: () => parsePrivateKey("rubbish") },
  "encrypted-private-key": { pem: () => parsePrivateKey(encrypted) },
  "key-mismatch": { "other-public-half": () => parsePrivateKey(otherPublicHalf()) },
};

describe("certificate, malformed", () => {
  for (const [code, ways] of Object.entries(EVERY_CODE)) {
    for (const [name, action] of Object.entries(ways)) {
      it(`refuses with ${code}: ${name}`, () => assert.equal(codeOf(action), code));
    }
  }

  it("believes the handmade certificate when nothing is wrong with it", () => {
    assert.equal(
      refusalOf(handmade({ extensions: flags("permit-X11-forwarding", "permit-pty") })),
      undefined,
    );
    assert.equal(holding(authority).key, authority.public);
  });
});
