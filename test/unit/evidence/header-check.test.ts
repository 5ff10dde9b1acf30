import assert from "node:assert/strict";
import { emptyState, type GrantState, type SessionState } from "../../../src/access/index.js";
import { headerFault } from "../../../src/evidence/header-check.js";
import { keylessHeader, POLICY_HASH } from "../../harness/evidence-story.js";

describe("evidence/header-check", () => {
  const header = { ...keylessHeader(), keyCommitment: "", apartKeyCommitment: "" };
  const session = header as unknown as SessionState;
  const grant = { grant: { approvers: header.approvers } } as unknown as GrantState;
  const state = { ...emptyState(), grants: new Map([[session.grant, grant]]) };
  const policies = new Map([[POLICY_HASH, 0]]);

  it("takes a header that says what the entries say", () =>
    assert.equal(headerFault(header, session, state, policies), undefined));

  const others = { identity: "eve", serial: "8", target: "lab", login: "root", clientAddress: "192.0.2.8" };
  for (const [name, value] of Object.entries({ ...others, approvers: [], policy: "00", session: "ses-x" }))
    it(`finds another ${name}`, () => {
      const fault = headerFault({ ...header, [name]: value }, session, state, policies);
      assert.match(fault ?? "", new RegExp(`another .*${name}`));
    });
});
