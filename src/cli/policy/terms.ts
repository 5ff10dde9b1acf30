import { formatDuration } from "../../wording/index.js";
import type { Approvals, Role } from "../../access/index.js";

/** Who must agree, in words: `1 of approvers and 2 of leads or platform, signed`. */
export function approvalsText(approvals: Approvals): string {
  if (approvals.kind === "automatic") return "nobody has to approve";
  const { kind, quorums, signed, presence } = approvals;
  const people = quorums
    .map(({ count, from }) => `${count} of ${[...from].sort().join(" or ")}`)
    .join(kind === "all-of" ? " and " : ", or ");
  return `${people}${presence ? ", signed with a hardware key" : signed ? ", signed" : ""}`;
}

/** What a role gives and wants, each as a person reads it. */
export type Terms = Readonly<Record<(typeof TERMS)[number], string>>;

export const TERMS = [
  "maxDuration",
  "approvals",
  "channels",
  "reason",
  "ticket",
  "from",
  "breakGlass",
  "selfExtension",
] as const;

export function termsOf(role: Role): Terms {
  const { selfExtensionMs } = role;
  return {
    maxDuration: formatDuration(role.maxDurationMs),
    approvals: approvalsText(role.approvals),
    channels: role.channels.length === 0 ? "none" : [...role.channels].sort().join(" "),
    reason: role.reason,
    ticket: role.ticket === undefined ? "none" : role.ticket.source,
    from: role.sourceAddresses === undefined ? "anywhere" : [...role.sourceAddresses].sort().join(" "),
    breakGlass: role.breakGlass ? "allowed" : "forbidden",
    selfExtension: selfExtensionMs === undefined ? "none" : formatDuration(selfExtensionMs),
  };
}
