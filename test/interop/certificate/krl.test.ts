import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeCertificateLine,
  encodeKrl,
  encodePublicKeyLine,
  fingerprint,
  generatePrivateKey,
  revocationCheck,
  type Certificate,
  type Revocations,
} from "../../../src/certificate/index.js";
import { authority, certify, holderOf, holding } from "../../unit/certificate/samples.js";
import { SshKeygen } from "./ssh-keygen.js";

describe("revocation lists, asked of ssh-keygen -Q", () => {
  const keygen = new SshKeygen();
  after(() => keygen.close());

  const other = generatePrivateKey("ed25519");
  const certificates: Record<string, Certificate> = {
    alice: certify({ serial: 7n, keyId: "alice/grt-1" }),
    bob: certify({ serial: 8n, keyId: "bob/grt-2", key: holderOf("ecdsa-sha2-nistp256").key }),
    carol: certify({
      serial: 2n ** 63n,
      keyId: "carol/grt-3",
      key: holderOf("sk-ssh-ed25519@openssh.com").key,
    }),
    dave: certify({ serial: 7n, keyId: "dave/grt-4", key: holderOf("ssh-rsa").key }, holding(other)),
  };
  const names = Object.keys(certificates);

  before(() => {
    for (const [name, certificate] of Object.entries(certificates))
      keygen.write(`${name}-cert.pub`, `${encodeCertificateLine(certificate)}\n`);
  });

  /** Whose certificates ssh-keygen finds revoked. */
  function revokedBy(revocations: Revocations): string[] {
    const krl = encodeKrl({ version: 1n, generatedAtMs: 1_800_000_000_000, comment: "test", ...revocations });
    keygen.write("krl", krl);
    const { status, output } = keygen.status(["-Q", "-f", "krl", ...names.map((name) => `${name}-cert.pub`)]);
    const revoked = names.filter((name) => new RegExp(`^${name}-cert.pub .*: REVOKED$`, "mu").test(output));
    assert.equal(output.match(/: (?:ok|REVOKED)$/gmu)?.length, names.length, output);
    assert.equal(status, revoked.length > 0 ? 1 : 0);
    return revoked;
  }

  const ours = (revocations: Revocations): string[] => {
    const isRevoked = revocationCheck(revocations);
    return names.filter((name) => isRevoked(certificates[name]!));
  };

  const none: Revocations = { caKeys: [], keys: [] };
  const ca = authority.public;
  const rows: [name: string, revocations: Revocations, revoked: string[]][] = [
    ["nothing", none, []],
    ["one-serial", { ...none, caKeys: [{ ca, serials: [7n], keyIds: [] }] }, ["alice"]],
    ["range-of-serials", { ...none, caKeys: [{ ca, serials: [7n, 8n, 9n], keyIds: [] }] }, ["alice", "bob"]],
    [
      "serials-far-apart",
      { ...none, caKeys: [{ ca, serials: [2n ** 63n, 8n], keyIds: [] }] },
      ["bob", "carol"],
    ],
    ["serial-of-every-authority", { ...none, caKeys: [{ serials: [7n], keyIds: [] }] }, ["alice", "dave"]],
    [
      "key-ids",
      { ...none, caKeys: [{ ca, serials: [], keyIds: ["carol/grt-3", "bob/grt-2", "dave/grt-4"] }] },
      ["bob", "carol"],
    ],
    ["key", { ...none, keys: [holderOf("ssh-ed25519").key] }, ["alice"]],
    ["authority", { ...none, keys: [ca] }, ["alice", "bob", "carol"]],
    ["fingerprint", { ...none, fingerprints: [fingerprint(holderOf("ssh-rsa").key)] }, ["dave"]],
    ["authority-by-fingerprint", { ...none, fingerprints: [fingerprint(other.public)] }, ["dave"]],
  ];
  for (const [name, revocations, revoked] of rows) {
    it(`agrees on ${name}`, () => {
      assert.deepEqual(revokedBy(revocations), revoked);
      assert.deepEqual(ours(revocations), revoked);
    });
  }

  it("agrees on plain keys", () => {
    const [revoked, free] = [holderOf("ssh-ed25519").key, holderOf("ssh-rsa").key];
    keygen.write(
      "krl",
      encodeKrl({ version: 1n, generatedAtMs: 0, comment: "", caKeys: [], keys: [revoked] }),
    );
    keygen.write("revoked.pub", encodePublicKeyLine(revoked, "revoked"));
    keygen.write("free.pub", encodePublicKeyLine(free, "free"));
    assert.match(keygen.status(["-Q", "-f", "krl", "revoked.pub"]).output, /: REVOKED$/mu);
    assert.equal(keygen.status(["-Q", "-f", "krl", "free.pub"]).status, 0);
  });

  it("agrees on whatever is revoked", () => {
    const group = fc.record({
      ca: fc.constantFrom(ca, other.public, undefined),
      serials: fc.uniqueArray(fc.bigInt({ min: 1n, max: 12n }), { maxLength: 6 }),
      keyIds: fc.subarray(["alice/grt-1", "bob/grt-2", "carol/grt-3", "erin/grt-9"]),
    });
    const subject = fc.subarray([...names.map((name) => certificates[name]!.key), other.public]);
    const revocations = fc.record({
      caKeys: fc.array(group, { maxLength: 3 }),
      keys: subject,
      fingerprints: subject,
    });
    fc.assert(
      fc.property(revocations, ({ caKeys, keys, fingerprints }) => {
        const asked: Revocations = {
          caKeys: caKeys.map(({ ca: key, ...rest }) => (key === undefined ? rest : { ca: key, ...rest })),
          keys,
          fingerprints: fingerprints.map(fingerprint),
        };
        assert.deepEqual(revokedBy(asked), ours(asked));
      }),
      { numRuns: 60 },
    );
  });
});
