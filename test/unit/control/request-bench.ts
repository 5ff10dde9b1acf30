import assert from "node:assert/strict";
import type { Grant, GrantId, RequestAsk, RequestId, RequestState } from "../../../src/access/index.js";
import type { Asked } from "../../../src/control/index.js";
import { Bench, MovedClocks, type MoreConfig } from "./bench.js";

export const MINUTE = 60_000;

/** Alice asks; carol, dave and erin can say yes, under a role for each way of saying it. */
const POLICY: MoreConfig = {
  identities: `  carol: { groups: [approvers], keys: ["KEY(carol)"] }
  dave: { groups: [approvers], keys: ["KEY(dave)"] }
  erin: { groups: [security], keys: ["KEY(erin)"] }
  zoe: { groups: [engineers, approvers], keys: ["KEY(zoe)", "KEY(zoe2)"] }
`,
  roles: `  one:
    groups: [engineers]
    targets: { env: prod }
    logins: [root, postgres]
    maxDuration: 2h
    approvals: { count: 1, from: [approvers] }
    breakGlass: allowed
    selfExtension: 15m
    channels: [shell]
  two:
    groups: [engineers]
    targets: { env: prod }
    logins: [root]
    maxDuration: 1h
    approvals: { count: 2, from: [approvers] }
  both:
    groups: [engineers]
    targets: { env: prod }
    logins: [root]
    maxDuration: 1h
    approvals: { allOf: [{ count: 1, from: [approvers] }, { count: 1, from: [security] }] }
  signed:
    groups: [engineers]
    targets: { env: prod }
    logins: [root]
    maxDuration: 1h
    approvals: { count: 1, from: [approvers], signed: true }
`,
  top: "requests: { lapse: 1h }\n",
};

export type Policy = MoreConfig;

export class RequestBench {
  readonly bench: Bench;
  readonly clocks: MovedClocks;

  private constructor(bench: Bench, clocks: MovedClocks) {
    this.bench = bench;
    this.clocks = clocks;
  }

  static async open(): Promise<RequestBench> {
    const clocks = new MovedClocks();
    return new RequestBench(await Bench.open({ clocks, more: POLICY }), clocks);
  }

  get control() {
    return this.bench.control;
  }

  get desk() {
    return this.bench.control.requests;
  }

  /** Puts a changed policy into force: `from` in the roles becomes `to`. */
  async changePolicy(from: string | RegExp, to: string): Promise<void> {
    const roles = POLICY.roles?.replace(from, to) ?? "";
    assert.notEqual(roles, POLICY.roles);
    this.bench.writeConfig("[root, postgres]", { ...POLICY, roles });
    await this.control.useConfig(await this.bench.config());
  }

  /** Alice asks to be root on prod for 30 minutes. */
  async ask(role: string, changes: Partial<RequestAsk> = {}): Promise<Asked> {
    const made = await this.desk.ask({ ...wish, role, ...changes });
    assert.ok(made.ok, made.ok ? "" : made.reason);
    return made;
  }

  /** The same, as the id of a request that waits. */
  async waiting(role: string, changes: Partial<RequestAsk> = {}): Promise<RequestId> {
    const { request } = await this.ask(role, changes);
    assert.equal(request.outcome, undefined);
    return request.request.id;
  }

  /** A grant that carol approved. */
  async granted(changes: Partial<RequestAsk> = {}): Promise<Grant> {
    const request = await this.waiting("one", changes);
    const approved = await this.desk.approve({ request, by: "carol" });
    assert.ok(approved.ok && approved.grant !== undefined);
    return approved.grant;
  }

  stateOf(id: RequestId): RequestState {
    const held = this.control.state.requests.get(id);
    assert.ok(held);
    return held;
  }

  grantOf(id: GrantId): Grant {
    const held = this.control.state.grants.get(id);
    assert.ok(held);
    return held.grant;
  }

  /** The events after the start. */
  async events(): Promise<readonly string[]> {
    return (await this.bench.history()).filter((type) => !type.startsWith("bastion."));
  }
}

const wish: RequestAsk = {
  ...{ identity: "alice", targets: ["prod"], logins: ["root"], durationMs: 30 * MINUTE },
  ...{ reason: "INC-42 replication stuck", breakGlass: false },
};

/** What a refusal says, or that it was none. */
export function reasonOf(answer: { ok: true } | { ok: false; reason: string }): string {
  return answer.ok ? "ok" : answer.reason;
}
