import type { Approvals, IssueDenial, RequestDenial } from "../access/index.js";

/** What an example may be denied for: what a file alone can tell. */
export const EXAMPLE_DENIALS = [
  "unknown-identity",
  "unknown-target",
  "not-in-group",
  "target-not-covered",
  "login-not-allowed",
  "duration-too-long",
  "reason-missing",
  "ticket-missing",
  "break-glass-not-allowed",
  "nobody-can-approve",
  "source-address",
] as const satisfies readonly (IssueDenial | RequestDenial | "source-address")[];
export type ExampleDenial = (typeof EXAMPLE_DENIALS)[number];

/** What an admin says that a policy does: who asks for what, and what must come of it. */
export interface PolicyExample {
  /** Line in its file, from 1. */
  readonly line: number;
  readonly who: string;
  readonly target: string;
  readonly login: string;
  readonly durationMs: number;
  readonly reason: string;
  readonly ticket?: string;
  /** Address that the session comes from; left out: one that no role minds. */
  readonly from?: string;
  readonly breakGlass: boolean;
  readonly expect:
    | { readonly kind: "allowed"; readonly role?: string }
    | { readonly kind: "denied"; readonly reason?: ExampleDenial };
  /** What the role must want. */
  readonly approvals?: Approvals;
}
