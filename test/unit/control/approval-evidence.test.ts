import assert from "node:assert/strict";
import { approvalUser, type AccessRequest, type ApprovalEvidence } from "../../../src/access/index.js";
import { encodePublicKeyLine, fingerprint, type PublicKey } from "../../../src/certificate/index.js";
import { verifyEvidence } from "../../../src/control/requests/approval-evidence.js";
import { loginBlob } from "../../../src/control/logins/login-proof.js";
import { Authenticator, TOUCHED } from "../certificate/authenticator.js";
import { prove } from "./bench.js";
import { reasonOf, RequestBench } from "./request-bench.js";

/** Signed by somebody's key for the request as it is. */
function signedBy(bench: RequestBench, name: string, request: AccessRequest): ApprovalEvidence {
  const key = bench.bench.keyOf(name);
  return prove(key, key.public.blob, approvalUser(request));
}

async function asked(role = "signed") {
  const bench = await RequestBench.open();
  const { request } = bench.stateOf(await bench.waiting(role));
  return { bench, request };
}

describe("control/approval-evidence", () => {
  it("grants what a role wants signed by the login that was signed for exactly this request", async () => {
    const { bench, request } = await asked();
    const by = "carol";
    const plain = await bench.desk.approve({ request: request.id, by });
    assert.equal(reasonOf(plain), "signature-required");
    const evidence = signedBy(bench, by, request);
    const approved = await bench.desk.approve({ request: request.id, by, evidence });
    assert.ok(approved.ok && approved.grant);
    const print = fingerprint(bench.bench.keyOf(by).public);
    assert.deepEqual(
      approved.request.approvals.map(({ evidence, fingerprint, signed, presence }) => ({
        ...{ evidence, fingerprint, signed, presence },
      })),
      [{ evidence, fingerprint: print, signed: true, presence: false }],
    );
  });

  it("takes the certificate of a registered key for that key", async () => {
    const { bench, request } = await asked();
    const ask = { targets: ["prod"], logins: ["root"], durationMs: 60_000, reason: "x", by: "admin@local" };
    const issued = await bench.control.grants.issue({
      identity: "zoe",
      role: "one",
      ...ask,
      key: lineOf("zoe"),
    });
    assert.ok(issued.ok);
    const blob = Buffer.from(issued.certificate.split(" ")[1] ?? "", "base64");
    const evidence = prove(bench.bench.keyOf("zoe"), blob, approvalUser(request));
    assert.equal(reasonOf(await bench.desk.approve({ request: request.id, by: "zoe", evidence })), "ok");

    function lineOf(name: string): string {
      return encodePublicKeyLine(bench.bench.keyOf(name).public);
    }
  });

  const bad: readonly {
    readonly row: string;
    readonly detail: RegExp;
    readonly change: (
      bench: RequestBench,
      request: AccessRequest,
      good: ApprovalEvidence,
    ) => ApprovalEvidence;
  }[] = [
    {
      row: "signed-for-another-request",
      detail: /something else/,
      change: (bench, request) => signedBy(bench, "carol", { ...request, durationMs: 1000 }),
    },
    {
      row: "signed-for-a-session",
      detail: /something else/,
      change: ({ bench }) => prove(bench.keyOf("carol"), bench.keyOf("carol").public.blob, "root"),
    },
    {
      row: "another-name-under-the-signature",
      detail: /signature/,
      change: ({ bench }, request) => ({
        ...prove(bench.keyOf("carol"), bench.keyOf("carol").public.blob, "root"),
        user: approvalUser(request),
      }),
    },
    {
      row: "the-key-of-somebody-else",
      detail: /not registered/,
      change: (bench, request) => signedBy(bench, "dave", request),
    },
    {
      row: "another-connection",
      detail: /signature/,
      change: (_bench, _request, good) => ({
        ...good,
        sessionId: Buffer.from("another connection").toString("base64"),
      }),
    },
    {
      row: "an-algorithm-of-another-key",
      detail: /ssh-ed25519/,
      change: (_bench, _request, good) => ({ ...good, algorithm: "rsa-sha2-512" }),
    },
    {
      row: "no-key",
      detail: /./,
      change: (_bench, _request, good) => ({ ...good, key: "AAAA" }),
    },
  ];
  for (const { row, detail, change } of bad) {
    it(`refuses ${row}, and writes nothing down`, async () => {
      const { bench, request } = await asked();
      const evidence = change(bench, request, signedBy(bench, "carol", request));
      const refused = await bench.desk.approve({ request: request.id, by: "carol", evidence });
      assert.equal(reasonOf(refused), "evidence-refused");
      assert.match(refused.ok ? "" : (refused.detail ?? ""), detail);
      assert.deepEqual(await bench.events(), ["request.made"]);
    });
  }

  it("tells a touch from what is none, by the flags that the hardware signed", async () => {
    const { bench, request } = await asked();
    const hardware = new Authenticator("sk-ssh-ed25519@openssh.com");
    const { policy } = bench.control;
    const carol = { name: "carol", groups: ["approvers"], workloads: [], keys: [registered(hardware.key)] };
    const changed = { ...policy, identities: new Map([...policy.identities, ["carol", carol]]) };
    const verdictOf = (flags: number) =>
      verifyEvidence(changed, request, "carol", signedWith(hardware, approvalUser(request), flags));
    assert.deepEqual(verdictOf(TOUCHED), {
      ok: true,
      fingerprint: fingerprint(hardware.key),
      presence: true,
    });
    assert.equal(verdictOf(0).ok, false);
  });
});

function registered(key: PublicKey) {
  return { line: encodePublicKeyLine(key), fingerprint: fingerprint(key) };
}

function signedWith(hardware: Authenticator, user: string, flags: number): ApprovalEvidence {
  const { blob, type } = hardware.key;
  const sessionId = Buffer.alloc(32, 7).toString("base64");
  const unsigned = { sessionId, user, algorithm: type, key: blob.toString("base64"), signature: "" };
  return { ...unsigned, signature: hardware.sign(loginBlob(unsigned, blob), flags).toString("base64") };
}
