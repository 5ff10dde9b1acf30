import assert from "node:assert/strict";
import {
  generatePrivateKey,
  issueCertificate,
  type IssueRequest,
  type PrivateKey,
} from "../../../src/certificate/index.js";
import { decideLogin, type LoginAttempt } from "../../../src/demo/login.js";

const nowMs = 1_800_000_000_000;
const [ca, otherCa, key] = [
  generatePrivateKey("ed25519"),
  generatePrivateKey("ed25519"),
  generatePrivateKey("ed25519"),
];
const rules = { trustedUserCa: ca.public, logins: ["postgres", "ubuntu"] };

interface Given {
  readonly principals?: readonly string[];
  readonly signer?: PrivateKey;
  readonly untilMs?: number;
  readonly kind?: "user" | "host";
  readonly criticalOptions?: IssueRequest["criticalOptions"];
  readonly extensions?: readonly string[];
}

function certificate(given: Given = {}): Buffer {
  const { principals = ["postgres"], signer = ca, untilMs = nowMs + 60_000, kind = "user" } = given;
  return issueCertificate(
    {
      key: key.public,
      kind,
      serial: 7n,
      keyId: "session",
      principals: [...principals],
      validAfter: BigInt(nowMs / 1000 - 60),
      validBefore: BigInt(untilMs / 1000),
      criticalOptions: given.criticalOptions ?? {},
      extensions: given.extensions ?? ["permit-pty"],
      nonce: Buffer.alloc(32, 1),
    },
    signer,
  );
}

function attempt(blob: Buffer, changes: Partial<LoginAttempt> = {}): LoginAttempt {
  const signed = Buffer.from("session id and request");
  return {
    login: "postgres",
    algorithm: "ssh-ed25519-cert-v01@openssh.com",
    key: blob,
    proof: { signature: key.sign(signed), signed },
    clientAddress: "127.0.0.1",
    ...changes,
  };
}

describe("demo/login", () => {
  it("lets in whom the target CA vouches for", () => {
    const decision = decideLogin(attempt(certificate()), rules, nowMs);
    assert.deepEqual(decision, { ok: true, login: "postgres", mayUseTerminal: true });
  });

  it("gives no terminal without permit-pty, and carries a forced command over", () => {
    const criticalOptions = { forceCommand: "uptime" };
    const decision = decideLogin(attempt(certificate({ extensions: [], criticalOptions })), rules, nowMs);
    assert.deepEqual(decision, {
      ok: true,
      login: "postgres",
      mayUseTerminal: false,
      forceCommand: "uptime",
    });
  });

  const refused: readonly [name: string, attempt: LoginAttempt, detail: RegExp][] = [
    [
      "unknown-login",
      attempt(certificate({ principals: ["root"] }), { login: "root" }),
      /^no such login: "root"/,
    ],
    ["principal-of-another-login", attempt(certificate({ principals: ["ubuntu"] })), /^wrong-principal/],
    ["host-certificate", attempt(certificate({ kind: "host", extensions: [] })), /^wrong-kind/],
    ["another-ca", attempt(certificate({ signer: otherCa })), /^untrusted-ca/],
    ["expired", attempt(certificate({ untilMs: nowMs })), /^expired/],
    ["plain-key", attempt(key.public.blob, { algorithm: "ssh-ed25519" }), /^not a certificate/],
    ["garbage", attempt(Buffer.from("garbage")), /^not a certificate/],
    [
      "signature-by-another-key",
      attempt(certificate(), {
        proof: { signature: otherCa.sign(Buffer.from("x")), signed: Buffer.from("x") },
      }),
      /^bad-signature/,
    ],
    [
      "signature-over-something-else",
      attempt(certificate(), { proof: { signature: key.sign(Buffer.from("x")), signed: Buffer.from("y") } }),
      /^bad-signature/,
    ],
    [
      "address",
      attempt(certificate({ criticalOptions: { sourceAddresses: ["10.0.0.0/8"] } })),
      /^source-address/,
    ],
  ];
  for (const [name, given, detail] of refused) {
    it(`refuses ${name}`, () => {
      const decision = decideLogin(given, rules, nowMs);
      assert.ok(!decision.ok);
      assert.match(decision.detail, detail);
    });
  }

  it("answers a client that only asks, by the certificate alone", () => {
    const { proof, ...asking } = attempt(certificate());
    assert.ok(proof);
    assert.equal(decideLogin(asking, rules, nowMs).ok, true);
    assert.equal(decideLogin({ ...asking, key: certificate({ signer: otherCa }) }, rules, nowMs).ok, false);
  });
});
