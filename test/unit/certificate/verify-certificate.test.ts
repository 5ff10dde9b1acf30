import assert from "node:assert/strict";
import { createSign } from "node:crypto";
import { encodeSignedBytes } from "../../../src/certificate/certificate.js";
import {
  CLOCK_SKEW_S,
  decodeCertificate,
  encodeCertificate,
  generatePrivateKey,
  KEY_TYPES,
  revocationCheck,
  VALID_FOREVER,
  verifyCertificate,
  WireWriter,
  type Certificate,
  type CertificateDemands,
  type CertificateReason,
  type Options,
} from "../../../src/certificate/index.js";
import { Authenticator, TOUCHED_AND_VERIFIED } from "./authenticator.js";
import {
  authority,
  certify,
  holderOf,
  holding,
  NOW_S,
  rsaKey,
  sampleDemands,
  sampleFields,
} from "./samples.js";

interface Row {
  certificate: () => Certificate;
  demands?: Partial<CertificateDemands>;
}

const stranger = generatePrivateKey("ed25519");
const rsaAuthority = rsaKey(2048);
const hardware = new Authenticator("sk-ssh-ed25519@openssh.com");
const nowMs = Number(NOW_S) * 1000;

const option = (name: string, value?: string): Options =>
  new Map([[name, value === undefined ? Buffer.alloc(0) : new WireWriter().string(value).finish()]]);
const from = (addresses: string) => (): Certificate =>
  certify({ criticalOptions: option("source-address", addresses) });

/** Alice's certificate under a signature of any shape. */
function sealed(signature: (signedBytes: Buffer) => Buffer, ca = authority.public): Certificate {
  const fields = sampleFields({ signatureKey: ca });
  return decodeCertificate(encodeCertificate(fields, signature(encodeSignedBytes(fields))));
}

function sha1(data: Buffer): Buffer {
  const signature = createSign("sha1").update(data).sign(rsaAuthority.object);
  return new WireWriter().string("ssh-rsa").string(signature).finish();
}

const revoked = (changes: Partial<Parameters<typeof revocationCheck>[0]>): Partial<CertificateDemands> => ({
  isRevoked: revocationCheck({ caKeys: [], keys: [], ...changes }),
});

/** At least one row for each reason: the compiler notices a reason without one. */
const DENIED: Record<CertificateReason, Record<string, Row>> = {
  "wrong-kind": {
    "host-certificate-from-a-user": { certificate: () => certify({ kind: "host" }) },
    "user-certificate-from-a-host": { certificate: () => certify(), demands: { kind: "host" } },
  },
  "untrusted-ca": {
    "another-authority": { certificate: () => certify({}, holding(stranger)) },
    "nobody-trusted": { certificate: () => certify(), demands: { trusted: [] } },
    "the-key-itself": { certificate: () => certify({}, holderOf("ssh-ed25519")) },
  },
  "bad-signature": {
    "principal-changed": {
      certificate: () =>
        decodeCertificate(encodeCertificate(sampleFields({ principals: ["root"] }), certify().signature)),
      demands: { principal: "root" },
    },
    "signed-by-another-in-its-name": { certificate: () => sealed((data) => stranger.sign(data)) },
  },
  "algorithm-refused": {
    "rsa-with-sha1": {
      certificate: () => sealed(sha1, rsaAuthority.public),
      demands: { trusted: [rsaAuthority.public] },
    },
    "ecdsa-by-an-ed25519-key": {
      certificate: () => sealed((data) => generatePrivateKey("nistp256").sign(data)),
    },
  },
  "algorithm-mismatch": {
    "named-like-a-certificate": {
      certificate: () =>
        sealed((data) =>
          new WireWriter()
            .string("ssh-ed25519-cert-v01@openssh.com")
            .raw(authority.sign(data).subarray(15))
            .finish(),
        ),
    },
  },
  "malformed-signature": {
    empty: { certificate: () => sealed(() => Buffer.alloc(0)) },
    "trailing-byte": {
      certificate: () => sealed((data) => Buffer.concat([authority.sign(data), Buffer.of(0)])),
    },
  },
  "user-presence-missing": {
    "authority-not-touched": {
      certificate: () => certify({}, { key: hardware.key, sign: (data) => hardware.sign(data, 0) }),
      demands: { trusted: [hardware.key] },
    },
  },
  // an authority's signature is never asked for it: see the test below the tables
  "user-verification-missing": {},
  revoked: {
    "by-the-caller": { certificate: () => certify(), demands: { isRevoked: () => true } },
    serial: {
      certificate: () => certify({ serial: 7n }),
      demands: revoked({ caKeys: [{ ca: authority.public, serials: [7n], keyIds: [] }] }),
    },
    "key-id": {
      certificate: () => certify(),
      demands: revoked({ caKeys: [{ serials: [], keyIds: ["alice/grt-1"] }] }),
    },
    key: { certificate: () => certify(), demands: revoked({ keys: [holderOf("ssh-ed25519").key] }) },
    authority: { certificate: () => certify(), demands: revoked({ keys: [authority.public] }) },
  },
  "not-yet-valid": {
    "beyond-the-skew": { certificate: () => certify({ validAfter: NOW_S + CLOCK_SKEW_S + 1n }) },
    "end-of-time": { certificate: () => certify({ validAfter: VALID_FOREVER, validBefore: VALID_FOREVER }) },
  },
  expired: {
    "this-second": { certificate: () => certify({ validBefore: NOW_S }) },
    "the-last-millisecond-is-over": {
      certificate: () => certify({ validBefore: NOW_S + 1n }),
      demands: { nowMs: nowMs + 1000 },
    },
    "validity-turned-round": { certificate: () => certify({ validAfter: NOW_S, validBefore: NOW_S - 9n }) },
    "never-valid": { certificate: () => certify({ validAfter: 0n, validBefore: 0n }) },
  },
  "no-principals": {
    "empty-list": { certificate: () => certify({ principals: [] }) },
    "empty-list-and-nobody-asked-for": {
      certificate: () => certify({ principals: [] }),
      demands: { principal: undefined },
    },
    "empty-list-for-a-host": {
      certificate: () => certify({ kind: "host", principals: [] }),
      demands: { kind: "host" },
    },
  },
  "wrong-principal": {
    another: { certificate: () => certify({ principals: ["bob", "carol"] }) },
    "other-case": { certificate: () => certify({ principals: ["Alice"] }) },
    "star-is-a-name": { certificate: () => certify({ principals: ["*"] }) },
    "comma-is-in-the-name": { certificate: () => certify({ principals: ["alice,bob"] }) },
    "empty-name": { certificate: () => certify({ principals: [""] }) },
  },
  "unknown-critical-option": {
    unheard: { certificate: () => certify({ criticalOptions: option("only-on-mondays@example.com") }) },
    "extension-as-critical": { certificate: () => certify({ criticalOptions: option("permit-pty") }) },
    "user-option-for-a-host": {
      certificate: () => certify({ kind: "host", criticalOptions: option("force-command", "true") }),
      demands: { kind: "host" },
    },
  },
  "malformed-critical-option": {
    "force-command-without-data": {
      certificate: () => certify({ criticalOptions: option("force-command") }),
    },
    "verify-required-with-data": {
      certificate: () => certify({ criticalOptions: option("verify-required", "") }),
    },
    "source-address-mask-too-long": { certificate: from("192.0.2.0/33") },
    "source-address-empty": { certificate: from("") },
    "source-address-with-bits-beyond-the-mask": { certificate: from("192.0.2.7/24") },
  },
  "source-address": {
    elsewhere: { certificate: from("198.51.100.0/24,2001:db8::/32") },
    "address-not-known": { certificate: from("192.0.2.0/24"), demands: { clientAddress: undefined } },
    "every-v6-address-is-no-v4-address": { certificate: from("::/0") },
  },
};

const ACCEPTED: Record<string, Row> = {
  ordinary: { certificate: () => certify() },
  "any-principal-when-none-is-asked-for": {
    certificate: () => certify({ principals: ["bob"] }),
    demands: { principal: undefined },
  },
  "one-of-several-principals": { certificate: () => certify({ principals: ["bob", "alice"] }) },
  "one-of-several-authorities": {
    certificate: () => certify(),
    demands: { trusted: [stranger.public, authority.public] },
  },
  host: {
    certificate: () => certify({ kind: "host", principals: ["prod-1"] }),
    demands: { kind: "host", principal: "prod-1" },
  },
  forever: { certificate: () => certify({ validAfter: 0n, validBefore: VALID_FOREVER }) },
  "issuer-ahead-within-the-skew": { certificate: () => certify({ validAfter: NOW_S + CLOCK_SKEW_S }) },
  "last-second": { certificate: () => certify({ validBefore: NOW_S + 1n }), demands: { nowMs: nowMs + 999 } },
  "unknown-extension": { certificate: () => certify({ extensions: option("sings@example.com") }) },
  "from-here": { certificate: from("198.51.100.0/24,192.0.2.7") },
  "from-here-mapped": { certificate: from("192.0.2.0/24"), demands: { clientAddress: "::ffff:192.0.2.9" } },
};

describe("certificate/verify-certificate", () => {
  for (const [reason, rows] of Object.entries(DENIED)) {
    for (const [name, { certificate, demands }] of Object.entries(rows)) {
      it(`denies with ${reason}: ${name}`, () => {
        const verdict = verifyCertificate(certificate(), sampleDemands(demands));
        assert.ok(!verdict.ok);
        assert.equal(verdict.reason, reason, verdict.detail);
        assert.notEqual(verdict.detail, "");
      });
    }
  }

  for (const [name, { certificate, demands }] of Object.entries(ACCEPTED)) {
    it(`accepts ${name}`, () => {
      const verdict = verifyCertificate(certificate(), sampleDemands(demands));
      assert.deepEqual(verdict, {
        ok: true,
        signatureDemands: { userPresence: true, userVerification: false },
      });
    });
  }

  for (const ca of KEY_TYPES) {
    for (const type of KEY_TYPES) {
      it(`accepts ${type} certified by ${ca}`, () => {
        const certificate = certify({ key: holderOf(type).key }, holderOf(ca));
        assert.equal(verifyCertificate(certificate, sampleDemands({ trusted: [holderOf(ca).key] })).ok, true);
      });
    }
  }

  it("returns the forced command and asks for user verification when the certificate does", () => {
    const criticalOptions = new Map([...option("force-command", "uptime -p"), ...option("verify-required")]);
    assert.deepEqual(verifyCertificate(certify({ criticalOptions }), sampleDemands()), {
      ok: true,
      forceCommand: "uptime -p",
      signatureDemands: { userPresence: true, userVerification: true },
    });
  });

  it("forgoes the touch only if both certificate and caller do", () => {
    const presence = (extensions: Options, noTouchAllowed: boolean): boolean | undefined => {
      const verdict = verifyCertificate(certify({ extensions }), sampleDemands({ noTouchAllowed }));
      return verdict.ok ? verdict.signatureDemands.userPresence : undefined;
    };
    const untouched = option("no-touch-required");
    assert.equal(presence(untouched, true), false);
    assert.equal(presence(untouched, false), true);
    assert.equal(presence(new Map(), true), true);
  });

  it("takes a hardware authority's touch, and does not ask it for a PIN", () => {
    for (const flags of [1, TOUCHED_AND_VERIFIED]) {
      const certificate = certify({}, { key: hardware.key, sign: (data) => hardware.sign(data, flags) });
      assert.equal(verifyCertificate(certificate, sampleDemands({ trusted: [hardware.key] })).ok, true);
    }
  });

  it("quotes what a stranger wrote, so that no log line is broken", () => {
    const certificate = certify({ principals: ["a\nb\u001b[2J"] });
    const verdict = verifyCertificate(certificate, sampleDemands());
    assert.ok(!verdict.ok);
    assert.doesNotMatch(verdict.detail, /[\u0000-\u001f]/u);
  });
});
