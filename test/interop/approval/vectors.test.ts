import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import {
  approvalUser,
  fold,
  emptyState,
  parseAccessEvent,
  requestDigest,
  type EventOf,
} from "../../../src/access/index.js";
import { encodeSignedBytes } from "../../../src/certificate/certificate.js";
import {
  decodePublicKey,
  encodeCertificate,
  WireWriter,
  type PublicKey,
} from "../../../src/certificate/index.js";
import { authority, holderOf, sampleFields } from "../../unit/certificate/samples.js";

type Made = EventOf<"request.made">;
type Approved = EventOf<"request.approved">;
interface Vector {
  readonly key: string;
  readonly touched: boolean;
  readonly digest: string;
  readonly entries: readonly [Made, Approved];
}
interface Verifier {
  verifyApproval(text: string, keyLine: string, isTouchDemanded?: boolean): { by: string; touched: boolean };
}

/** Made by real clients (OpenSSH 10.0) at a real bastion; old files stay readable for ever. */
const NAMES = ["ed25519", "rsa", "ecdsa", "sk-ed25519", "sk-ecdsa"];
const vector = (name: string): Vector =>
  JSON.parse(readFileSync(`test/vectors/approval/v1/${name}.json`, "utf8")) as Vector;

describe("interop/approval: vectors of signed-approval-v1", () => {
  // It stays where it is, outside of what is compiled: it shares nothing with Bascule.
  const program = createRequire(import.meta.url)(resolve("test/programs/verify-approval.mjs")) as Verifier;

  const proves = ({ entries, key }: Vector, isTouchDemanded = false) =>
    program.verifyApproval(JSON.stringify(entries), key, isTouchDemanded);

  for (const name of NAMES) {
    it(`${name}: is read, folded and proven, and has the digest that it says`, () => {
      const given = vector(name);
      const [made, approved] = given.entries.map((entry) => parseAccessEvent(entry)) as [Made, Approved];
      assert.deepEqual([made, approved], given.entries);
      assert.equal(requestDigest(made.request), given.digest);
      assert.equal(approvalUser(made.request), approved.evidence?.user);
      const held = fold(fold(emptyState(), made, 1), approved, 2).requests.get(made.request.id);
      assert.equal(held?.approvals[0]?.signed, true);
      assert.deepEqual([proves(given).by, proves(given).touched], [name, given.touched]);
      if (!given.touched) assert.throws(() => proves(given, true), /no hardware key was touched/);
      else assert.equal(proves(given, true).touched, true);
    });

    it(`${name}: is not proven with any one bit of its evidence turned`, () => {
      const given = vector(name);
      const [made, approved] = given.entries;
      const evidence = approved.evidence!;
      for (const part of ["sessionId", "key", "signature"] as const) {
        const bytes = Buffer.from(evidence[part], "base64");
        for (let at = 0; at < bytes.length; at += 2) {
          const turned = Buffer.from(bytes);
          turned[at]! ^= 1 << (at % 8);
          const changed = { ...evidence, [part]: turned.toString("base64") };
          const entries = [made, { ...approved, evidence: changed }] as const;
          assert.throws(() => proves({ ...given, entries }), `${part}, byte ${at}`);
        }
      }
    });
  }

  it("reads one entry a line, with the ledger's number and time around it, and what show --json prints", () => {
    const { entries, key } = vector("ed25519");
    const rows = entries.map((entry, index) => JSON.stringify({ at: 1, entry, index }));
    assert.equal(program.verifyApproval(rows.join("\n"), key).by, "ed25519");
    const [{ request }, approved] = entries;
    const shown = { ...request, status: "granted", approvals: [approved] };
    assert.equal(program.verifyApproval(JSON.stringify(shown), key).by, "ed25519");
  });

  const changes: readonly [name: string, change: (of: Vector) => Partial<Vector>, says: RegExp][] = [
    ["more-time", inRequest({ durationMs: 3_600_000 }), /another request/],
    ["another-target", inRequest({ targets: ["prod", "prod-db-1"] }), /another request/],
    ["another-reason", inRequest({ reason: "INC-43" }), /another request/],
    ["a-weaker-rule", inRequest({ needs: { kind: "automatic" } }), /another request/],
    ["another-requester", inRequest({ identity: "mallory" }), /another request/],
    ["the-requester-as-approver", inApproval({ by: "alice" }), /by whoever asked/],
    ["a-touch-that-was-not", inApproval({ presence: true }), /not what was written down/],
    ["another-request's-id", inApproval({ request: "req-000000000000" as never }), /of another request/],
    ["another-person's-key", () => ({ key: vector("rsa").key }), /0 approvals/],
    ["no-key", () => ({ key: "" }), /no public-key line/],
    ["another-algorithm", inEvidence({ algorithm: "ssh-rsa" }), /two algorithms/],
    [
      "a-user-name-for-another",
      inEvidence({ user: `approve.req-9js2nqs15bx7.${"0".repeat(64)}` }),
      /another request/,
    ],
    ["lenient-base64", inEvidence({ sessionId: "lQqXPugVjdCMQW7K7JmFWvYFDDRgJ1bOJj5tmrKqvmk" }), /base64/],
  ];
  for (const [name, change, says] of changes) {
    it(`is not proven with ${name}`, () => {
      const given = vector("ed25519");
      assert.throws(() => proves({ ...given, ...change(given) }), says);
    });
  }

  it("is not proven by a hardware key that was not touched, though its signature is good", () => {
    const holder = holderOf("sk-ssh-ed25519@openssh.com") as unknown as {
      key: { blob: Buffer };
      sign(data: Buffer, flags: number): Buffer;
    };
    const signed = (flags: number, presence: boolean): Vector =>
      signedBy("sk-ssh-ed25519@openssh.com", holder.key.blob, (data) => holder.sign(data, flags), presence);
    assert.equal(proves(signed(1, true), true).touched, true);
    assert.equal(proves(signed(0, false)).touched, false);
    assert.throws(() => proves(signed(0, true)), /not what was written down/);
    assert.throws(() => proves(signed(0, false), true), /no hardware key was touched/);
  });

  for (const type of [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
  ] as const) {
    it(`is proven by a login with a certificate on ${type}`, () => {
      const holder = holderOf(type);
      const certificate = certificateOn(holder.key);
      const plain = type === "ssh-rsa" ? "rsa-sha2-512" : type;
      const algorithm = `${plain.replace("@openssh.com", "")}-cert-v01@openssh.com`;
      const given = signedBy(algorithm, certificate, (data) => holder.sign(data), type.startsWith("sk-"));
      const key = `${type} ${holder.key.blob.toString("base64")}`;
      assert.equal(proves({ ...given, key }).by, "ed25519");
    });
  }
});

function certificateOn(key: PublicKey): Buffer {
  const fields = sampleFields({ key });
  return encodeCertificate(fields, authority.sign(encodeSignedBytes(fields)));
}

/** The vector's approval, by a signature made here. */
function signedBy(algorithm: string, key: Buffer, sign: (data: Buffer) => Buffer, presence: boolean): Vector {
  const given = vector("ed25519");
  const [made, approved] = given.entries;
  const { sessionId, user } = approved.evidence!;
  const data = new WireWriter().string(Buffer.from(sessionId, "base64")).byte(50).string(user);
  data.string("ssh-connection").string("publickey").boolean(true).string(algorithm).string(key);
  const signature = sign(data.finish()).toString("base64");
  const evidence = { sessionId, user, algorithm, key: key.toString("base64"), signature };
  const line = algorithm.includes("-cert-") ? "" : `${decodePublicKey(key).type} ${evidence.key}`;
  return { ...given, key: line, entries: [made, { ...approved, evidence, presence }] };
}

function inRequest(changes: Partial<Made["request"]>): (of: Vector) => Partial<Vector> {
  return ({ entries: [made, approved] }) => ({
    entries: [{ ...made, request: { ...made.request, ...changes } }, approved],
  });
}

function inApproval(changes: Partial<Approved>): (of: Vector) => Partial<Vector> {
  return ({ entries: [made, approved] }) => ({ entries: [made, { ...approved, ...changes }] });
}

function inEvidence(changes: Partial<NonNullable<Approved["evidence"]>>): (of: Vector) => Partial<Vector> {
  return ({ entries: [made, approved] }) => ({
    entries: [made, { ...approved, evidence: { ...approved.evidence!, ...changes } }],
  });
}
