import assert from "node:assert/strict";
import {
  fingerprint,
  generatePrivateKey,
  revocationCheck,
  type Revocations,
} from "../../../src/certificate/index.js";
import { authority, certify, codeOf, holderOf, holding } from "./samples.js";

describe("certificate/revocation", () => {
  const other = generatePrivateKey("ed25519");
  const alice = certify({ serial: 7n, keyId: "alice/grt-1" });
  const none: Revocations = { caKeys: [], keys: [] };
  const rows: [name: string, revocations: Revocations, isRevoked: boolean][] = [
    ["nothing", none, false],
    ["serial", { ...none, caKeys: [{ ca: authority.public, serials: [6n, 7n], keyIds: [] }] }, true],
    ["other-serial", { ...none, caKeys: [{ ca: authority.public, serials: [8n], keyIds: [] }] }, false],
    [
      "serial-of-another-authority",
      { ...none, caKeys: [{ ca: other.public, serials: [7n], keyIds: [] }] },
      false,
    ],
    ["serial-of-every-authority", { ...none, caKeys: [{ serials: [7n], keyIds: [] }] }, true],
    ["key-id", { ...none, caKeys: [{ serials: [], keyIds: ["alice/grt-1"] }] }, true],
    ["beginning-of-the-key-id", { ...none, caKeys: [{ serials: [], keyIds: ["alice"] }] }, false],
    ["key", { ...none, keys: [holderOf("ssh-ed25519").key] }, true],
    ["another-key", { ...none, keys: [holderOf("ssh-rsa").key] }, false],
    ["authority", { ...none, keys: [authority.public] }, true],
    ["fingerprint", { ...none, fingerprints: [fingerprint(holderOf("ssh-ed25519").key)] }, true],
    ["authority's-fingerprint", { ...none, fingerprints: [fingerprint(authority.public)] }, true],
  ];
  for (const [name, revocations, isRevoked] of rows) {
    it(`${isRevoked ? "revokes" : "does not revoke"} by ${name}`, () => {
      assert.equal(revocationCheck(revocations)(alice), isRevoked);
    });
  }

  it("refuses to revoke serial zero, which OpenSSH would ignore", () => {
    assert.equal(
      codeOf(() => revocationCheck({ caKeys: [{ serials: [0n], keyIds: [] }], keys: [] })),
      "invalid-request",
    );
  });

  it("knows a certificate without a serial by its other names only", () => {
    const unnumbered = certify({ serial: 0n }, holding(authority));
    assert.equal(revocationCheck({ caKeys: [{ serials: [1n], keyIds: [] }], keys: [] })(unnumbered), false);
  });
});
