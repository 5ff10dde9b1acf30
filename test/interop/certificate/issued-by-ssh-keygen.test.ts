import assert from "node:assert/strict";
import {
  encodeCertificate,
  encodePublicKeyLine,
  fingerprint,
  KEY_TYPES,
  parseCertificateLine,
  parsePublicKeyLine,
  VALID_FOREVER,
  verifyCertificate,
  type Certificate,
  type KeyType,
} from "../../../src/certificate/index.js";
import { holderOf } from "../../unit/certificate/samples.js";
import { GENERATE, SshKeygen } from "./ssh-keygen.js";

describe("certificates issued by ssh-keygen -s, read here", () => {
  const keygen = new SshKeygen();
  after(() => keygen.close());
  before(() => {
    for (const [name, args] of Object.entries(GENERATE))
      keygen.run([...args, "-N", "", "-q", "-f", `ca-${name}`]);
    for (const type of KEY_TYPES)
      keygen.write(`${type}.pub`, encodePublicKeyLine(holderOf(type).key, "subject"));
  });

  function issued(type: KeyType, ca: string, args: readonly string[]): Certificate {
    keygen.run([
      "-s",
      `ca-${ca}`,
      "-q",
      "-I",
      "alice/grt-1",
      "-z",
      "18446744073709551615",
      ...args,
      `${type}.pub`,
    ]);
    const { certificate, comment } = parseCertificateLine(keygen.read(`${type}-cert.pub`));
    assert.equal(comment, "subject");
    assert.deepEqual(encodeCertificate(certificate, certificate.signature), certificate.blob);
    return certificate;
  }

  const demands = {
    kind: "user",
    principal: "bob",
    nowMs: 1_800_000_000_000,
    isRevoked: () => false,
  } as const;

  for (const ca of Object.keys(GENERATE)) {
    for (const type of KEY_TYPES) {
      it(`reads and believes ${type} by ${ca}`, () => {
        const restrictions = [
          "force-command=uptime -p",
          "source-address=192.0.2.0/24",
          "verify-required",
          "clear",
          "permit-pty",
        ];
        const args = ["-n", "alice,bob", "-V", "20270115075900Z:20270115090000Z"];
        const order = ["clear", "permit-pty", ...restrictions.slice(0, 3)].flatMap((option) => [
          "-O",
          option,
        ]);
        const certificate = issued(type, ca, [...args, ...order]);
        assert.equal(certificate.kind, "user");
        assert.equal(certificate.keyId, "alice/grt-1");
        assert.equal(certificate.serial, 18446744073709551615n);
        assert.deepEqual(certificate.principals, ["alice", "bob"]);
        assert.equal(certificate.validAfter, 1_799_999_940n);
        assert.equal(certificate.validBefore, 1_800_003_600n);
        assert.deepEqual(certificate.key.blob, holderOf(type).key.blob);
        assert.deepEqual([...certificate.extensions.keys()], ["permit-pty"]);

        const trusted = [parsePublicKeyLine(keygen.read(`ca-${ca}.pub`)).key];
        const verdict = verifyCertificate(certificate, { ...demands, trusted, clientAddress: "192.0.2.1" });
        const signatureDemands = { userPresence: true, userVerification: true };
        assert.deepEqual(verdict, { ok: true, forceCommand: "uptime -p", signatureDemands });
      });
    }
  }

  it("reads a host certificate, and one without principals and end, which it does not believe", () => {
    const trusted = [parsePublicKeyLine(keygen.read("ca-ed25519.pub")).key];
    const host = issued("ssh-ed25519", "ed25519", ["-h", "-n", "prod-1"]);
    assert.equal(
      verifyCertificate(host, { ...demands, kind: "host", principal: "prod-1", trusted }).ok,
      true,
    );

    const anybody = issued("ssh-ed25519", "ed25519", []);
    assert.deepEqual(anybody.principals, []);
    assert.equal(anybody.validBefore, VALID_FOREVER);
    assert.equal(anybody.extensions.size, 5);
    const verdict = verifyCertificate(anybody, { ...demands, trusted });
    assert.equal(verdict.ok ? "ok" : verdict.reason, "no-principals");
  });

  it("refuses the SHA-1 signature that ssh-keygen can still be made to write", () => {
    const trusted = [parsePublicKeyLine(keygen.read("ca-rsa.pub")).key];
    const verdict = verifyCertificate(issued("ssh-ed25519", "rsa", ["-n", "bob", "-t", "ssh-rsa"]), {
      ...demands,
      trusted,
    });
    assert.equal(verdict.ok ? "ok" : verdict.reason, "algorithm-refused");
    const sha256 = issued("ssh-ed25519", "rsa", ["-n", "bob", "-t", "rsa-sha2-256"]);
    assert.equal(verifyCertificate(sha256, { ...demands, trusted }).ok, true);
  });

  it("prints the fingerprints ssh-keygen prints", () => {
    for (const type of KEY_TYPES)
      assert.equal(keygen.run(["-l", "-f", `${type}.pub`]).split(" ")[1], fingerprint(holderOf(type).key));
  });
});
