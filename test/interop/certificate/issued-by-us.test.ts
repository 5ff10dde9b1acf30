import assert from "node:assert/strict";
import {
  certificateTypeOf,
  decodeCertificate,
  encodeCertificateLine,
  fingerprint,
  generatePrivateKey,
  issueCertificate,
  KEY_TYPES,
  VALID_FOREVER,
  type IssueRequest,
} from "../../../src/certificate/index.js";
import { holderOf, rsaKey } from "../../unit/certificate/samples.js";
import { SshKeygen } from "./ssh-keygen.js";

describe("certificates issued here, read by ssh-keygen -L", () => {
  const keygen = new SshKeygen();
  after(() => keygen.close());

  const authorities = {
    ed25519: generatePrivateKey("ed25519"),
    nistp256: generatePrivateKey("nistp256"),
    nistp521: generatePrivateKey("nistp521"),
    rsa: rsaKey(2048),
  };
  const request = (changes: Partial<IssueRequest>): IssueRequest => ({
    key: holderOf("ssh-ed25519").key,
    kind: "user",
    serial: 0x7fff_ffff_ffff_ffffn,
    keyId: 'alice/grt-1 "q"',
    principals: ["alice", "größe"],
    validAfter: 1_800_000_000n,
    validBefore: 1_800_003_600n,
    nonce: Buffer.alloc(32, 5),
    ...changes,
  });

  /** What `ssh-keygen -L` says, each line trimmed. It verifies the signature before it prints anything. */
  function listed(changes: Partial<IssueRequest>, ca = authorities.ed25519): string[] {
    const certificate = decodeCertificate(issueCertificate(request(changes), ca));
    keygen.write("issued-cert.pub", `${encodeCertificateLine(certificate, "comment")}\n`);
    return keygen
      .run(["-L", "-f", "issued-cert.pub"])
      .trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => line.trim());
  }

  for (const [name, ca] of Object.entries(authorities)) {
    for (const type of KEY_TYPES) {
      it(`reads a user certificate for ${type} by ${name}`, () => {
        const lines = listed(
          {
            key: holderOf(type).key,
            criticalOptions: {
              forceCommand: "uptime -p",
              sourceAddresses: ["192.0.2.0/24", "2001:db8::/32"],
              verifyRequired: true,
            },
            extensions: ["permit-pty", "permit-port-forwarding", "permit-X11-forwarding"],
          },
          ca,
        );
        assert.equal(lines[0], `Type: ${certificateTypeOf(type)} user certificate`);
        assert.ok(lines[1]?.endsWith(fingerprint(holderOf(type).key)));
        assert.ok(
          lines[2]?.includes(
            `${fingerprint(ca.public)} (using ${name === "rsa" ? "rsa-sha2-512" : ca.public.type})`,
          ),
        );
        assert.deepEqual(lines.slice(3), [
          'Key ID: "alice/grt-1 "q""',
          "Serial: 9223372036854775807",
          "Valid: from 2027-01-15T08:00:00 to 2027-01-15T09:00:00",
          "Principals:",
          "alice",
          "größe",
          "Critical Options:",
          "force-command uptime -p",
          "source-address 192.0.2.0/24,2001:db8::/32",
          "verify-required",
          "Extensions:",
          "permit-X11-forwarding",
          "permit-port-forwarding",
          "permit-pty",
        ]);
      });
    }
  }

  it("reads a host certificate that never expires", () => {
    const lines = listed({
      kind: "host",
      principals: ["prod-1"],
      validAfter: 0n,
      validBefore: VALID_FOREVER,
    });
    assert.equal(lines[0], "Type: ssh-ed25519-cert-v01@openssh.com host certificate");
    assert.deepEqual(lines.slice(5), [
      "Valid: forever",
      "Principals:",
      "prod-1",
      "Critical Options: (none)",
      "Extensions: (none)",
    ]);
  });
});
