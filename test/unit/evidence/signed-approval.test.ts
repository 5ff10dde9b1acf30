import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseAccessEvent, type ApprovalEvidence, type EventOf } from "../../../src/access/index.js";
import { approvalFault } from "../../../src/evidence/signed-approval.js";

/** Made by real clients (OpenSSH 10.0) at a real bastion. */
function vector(name: string): EventOf<"request.approved"> & { readonly evidence: ApprovalEvidence } {
  const text = readFileSync(`test/vectors/approval/v1/${name}.json`, "utf8");
  const { entries } = JSON.parse(text) as { readonly entries: readonly unknown[] };
  const event = parseAccessEvent(entries[1]);
  assert.ok(event.type === "request.approved" && event.evidence !== undefined);
  return { ...event, evidence: event.evidence };
}

describe("evidence/signed-approval", () => {
  for (const name of ["ed25519", "rsa", "ecdsa", "sk-ed25519", "sk-ecdsa"]) {
    const approval = vector(name);
    const faultOf = (change: Partial<ApprovalEvidence>) =>
      approvalFault(approval, { ...approval.evidence, ...change });

    it(`${name}: takes what the approver's client signed`, () => assert.equal(faultOf({}), undefined));

    it(`${name}: refuses it for another login, by another key, and with another word on the touch`, () => {
      assert.ok(faultOf({ sessionId: Buffer.alloc(32, 1).toString("base64") }));
      assert.ok(
        faultOf({ user: approval.evidence.user.replace(/.$/, (last) => (last === "0" ? "1" : "0")) }),
      );
      const fingerprint = `SHA256:${"A".repeat(43)}`;
      assert.match(approvalFault({ ...approval, fingerprint }, approval.evidence) ?? "", /signed by SHA256:/);
      const presence = !approval.presence;
      assert.match(approvalFault({ ...approval, presence }, approval.evidence) ?? "", /touched/);
    });
  }
});
