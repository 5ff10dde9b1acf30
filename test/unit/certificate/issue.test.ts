import assert from "node:assert/strict";
import {
  decodeCertificate,
  generatePrivateKey,
  issueCertificate,
  KEY_TYPES,
  VALID_FOREVER,
  verifyCertificate,
  type CertificateErrorCode,
  type IssueRequest,
} from "../../../src/certificate/index.js";
import { authority, codeOf, holderOf, NOW_S, rsaKey, sampleDemands } from "./samples.js";

function request(changes: Partial<IssueRequest> = {}): IssueRequest {
  return {
    key: holderOf("ssh-ed25519").key,
    kind: "user",
    serial: 7n,
    keyId: "alice/grt-1",
    principals: ["alice"],
    validAfter: NOW_S - 60n,
    validBefore: NOW_S + 1800n,
    nonce: Buffer.alloc(32, 9),
    ...changes,
  };
}

describe("certificate/issue", () => {
  for (const [name, ca] of Object.entries({
    ed25519: authority,
    nistp256: generatePrivateKey("nistp256"),
    nistp384: generatePrivateKey("nistp384"),
    nistp521: generatePrivateKey("nistp521"),
    rsa: rsaKey(2048),
  })) {
    for (const type of KEY_TYPES) {
      it(`issues for ${type} by an authority of ${name}`, () => {
        const certificate = decodeCertificate(issueCertificate(request({ key: holderOf(type).key }), ca));
        assert.deepEqual(certificate.key.blob, holderOf(type).key.blob);
        assert.equal(verifyCertificate(certificate, sampleDemands({ trusted: [ca.public] })).ok, true);
      });
    }
  }

  it("writes options in the order OpenSSH wants, and what they restrict is enforced", () => {
    const criticalOptions = {
      verifyRequired: true,
      forceCommand: "uptime",
      sourceAddresses: ["192.0.2.0/24", "::1"],
    };
    const extensions = ["permit-pty", "permit-X11-forwarding", "no-touch-required"];
    const certificate = decodeCertificate(
      issueCertificate(request({ criticalOptions, extensions }), authority),
    );
    assert.deepEqual(
      [...certificate.criticalOptions.keys()],
      ["force-command", "source-address", "verify-required"],
    );
    assert.deepEqual(
      [...certificate.extensions.keys()],
      ["no-touch-required", "permit-X11-forwarding", "permit-pty"],
    );
    const verdict = verifyCertificate(certificate, sampleDemands());
    assert.ok(verdict.ok);
    assert.equal(verdict.forceCommand, "uptime");
    assert.equal(verdict.signatureDemands.userVerification, true);
    const elsewhere = verifyCertificate(certificate, sampleDemands({ clientAddress: "198.51.100.1" }));
    assert.equal(elsewhere.ok ? "ok" : elsewhere.reason, "source-address");
  });

  it("gives the same bytes for the same request, where the authority's algorithm is deterministic", () => {
    assert.deepEqual(issueCertificate(request(), authority), issueCertificate(request(), authority));
  });

  const refused: [name: string, changes: Partial<IssueRequest>, code: CertificateErrorCode][] = [
    ["serial-zero", { serial: 0n }, "invalid-request"],
    ["serial-negative", { serial: -1n }, "invalid-request"],
    ["serial-of-65-bits", { serial: 2n ** 64n }, "invalid-request"],
    ["no-principals", { principals: [] }, "invalid-request"],
    ["empty-principal", { principals: [""] }, "invalid-request"],
    ["principal-with-comma", { principals: ["alice,root"] }, "invalid-request"],
    ["principal-with-blank", { principals: ["alice root"] }, "invalid-request"],
    ["principal-with-nul", { principals: ["alice\0"] }, "invalid-request"],
    ["principal-with-half-a-character", { principals: ["\ud800"] }, "invalid-request"],
    ["principal-twice", { principals: ["alice", "alice"] }, "invalid-request"],
    ["principal-too-long", { principals: ["x".repeat(257)] }, "too-long"],
    [
      "too-many-principals",
      { principals: Array.from({ length: 257 }, (_, index) => String(index)) },
      "too-many",
    ],
    ["empty-key-id", { keyId: "" }, "invalid-request"],
    ["key-id-with-line-end", { keyId: "a\nb" }, "invalid-request"],
    ["key-id-too-long", { keyId: "x".repeat(1025) }, "too-long"],
    ["never-valid", { validAfter: NOW_S, validBefore: NOW_S }, "invalid-request"],
    ["before-1970", { validAfter: -1n }, "invalid-request"],
    ["after-forever", { validBefore: VALID_FOREVER + 1n }, "invalid-request"],
    ["short-nonce", { nonce: Buffer.alloc(15) }, "invalid-request"],
    ["long-nonce", { nonce: Buffer.alloc(65) }, "too-long"],
    ["extension-twice", { extensions: ["permit-pty", "permit-pty"] }, "invalid-request"],
    ["extension-with-blank", { extensions: ["permit pty"] }, "invalid-request"],
    ["no-source-addresses", { criticalOptions: { sourceAddresses: [] } }, "invalid-address"],
    ["bad-source-address", { criticalOptions: { sourceAddresses: ["10.0.0.0/8,"] } }, "invalid-address"],
    ["forced-command-with-nul", { criticalOptions: { forceCommand: "a\0b" } }, "invalid-request"],
    ["host-with-extension", { kind: "host", extensions: ["permit-pty"] }, "invalid-request"],
    ["host-with-restriction", { kind: "host", criticalOptions: { forceCommand: "true" } }, "invalid-request"],
  ];
  for (const [name, changes, code] of refused) {
    it(`refuses to issue ${name}`, () =>
      assert.equal(
        codeOf(() => issueCertificate(request(changes), authority)),
        code,
      ));
  }
});
