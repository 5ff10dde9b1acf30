import {
  emptyState,
  isInNetworks,
  mayRequest,
  type Policy,
  type RequestAsk,
  type RequestDenial,
  type Role,
} from "../../access/index.js";
import type { PolicyExample } from "../../config/index.js";
import { approvalsText } from "./terms.js";

/** What the policy does with an example. */
export type ExampleAnswer =
  | { readonly kind: "allowed"; readonly role: Role }
  | {
      readonly kind: "denied";
      readonly reason: RequestDenial | "source-address";
      /** The role that came nearest. */
      readonly role?: string;
    };

/** Nobody has asked for anything yet: neither limit is met. */
const NO_FLOOD = { openPerIdentity: 1, perHourPerIdentity: 1 };

/** What would become of such a request, and of a session from that address under the grant that it ends in. */
export function answerExample(policy: Policy, example: PolicyExample): ExampleAnswer {
  const first = ask(policy, example);
  if (first.kind === "denied" || isFromThere(first.role, example)) return first;
  // Whoever comes from elsewhere can name another role.
  for (const { name } of policy.roles.values()) {
    const other = ask(policy, example, name);
    if (other.kind === "allowed" && isFromThere(other.role, example)) return other;
  }
  return { kind: "denied", reason: "source-address", role: first.role.name };
}

function ask(policy: Policy, example: PolicyExample, role?: string): ExampleAnswer {
  const { who, target, login, durationMs, reason, ticket, breakGlass } = example;
  const wanted: RequestAsk = {
    ...{ identity: who, targets: [target], logins: [login], durationMs, reason, breakGlass },
    ...(ticket !== undefined && { ticket }),
    ...(role !== undefined && { role }),
  };
  const verdict = mayRequest(policy, emptyState(), wanted, NO_FLOOD, 0);
  if (verdict.ok) return { kind: "allowed", role: verdict.role };
  const nearest = verdict.role === undefined ? {} : { role: verdict.role };
  return { kind: "denied", reason: verdict.reason, ...nearest };
}

function isFromThere({ sourceAddresses }: Role, { from }: PolicyExample): boolean {
  return from === undefined || sourceAddresses === undefined || isInNetworks(from, sourceAddresses);
}

/** Whether that is what was expected. */
export function isExpected({ expect, approvals }: PolicyExample, answer: ExampleAnswer): boolean {
  if (answer.kind === "denied")
    return expect.kind === "denied" && (expect.reason ?? answer.reason) === answer.reason;
  const { role } = answer;
  return (
    expect.kind === "allowed" &&
    (expect.role ?? role.name) === role.name &&
    (approvals === undefined || approvalsText(approvals) === approvalsText(role.approvals))
  );
}

/** `allowed by db-oncall (1 of approvers)`, `denied because not-in-group (nearest role: db-oncall)` */
export function answerText(answer: ExampleAnswer): string {
  if (answer.kind === "allowed")
    return `allowed by ${answer.role.name} (${approvalsText(answer.role.approvals)})`;
  return `denied because ${answer.reason}${answer.role === undefined ? "" : ` (nearest role: ${answer.role})`}`;
}

/** The same of what was expected. */
export function expectationText({ expect, approvals }: PolicyExample): string {
  if (expect.kind === "denied")
    return `denied${expect.reason === undefined ? "" : ` because ${expect.reason}`}`;
  const by = expect.role === undefined ? "" : ` by ${expect.role}`;
  return `allowed${by}${approvals === undefined ? "" : ` (${approvalsText(approvals)})`}`;
}
