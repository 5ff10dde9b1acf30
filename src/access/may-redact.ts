import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import type { SessionId } from "./id.js";
import { isMemberOf, type Policy } from "./policy.js";
import type { RedactionState } from "./redaction.js";
import type { State } from "./state.js";

/** A recording's header is block 0, its keys are block 1. */
export const FIRST_REDACTABLE_BLOCK = 2;

/** Redactions of one person that wait at a time: who decides has to look at each. */
export const OPEN_REDACTIONS_MAX = 20;

export type RedactDenial =
  | "locked"
  | "not-a-redactor"
  | "session-live" // its proxy writes the file
  | "header-or-keys" // nothing that crossed is in them, and the proof begins there
  | "overlaps" // blocks that are gone already, or that another redaction waits to take
  | "too-many-open";

export type RedactVerdict =
  | { readonly ok: true }
  | Locked
  | {
      readonly ok: false;
      readonly reason: Exclude<RedactDenial, "locked">;
      readonly redaction?: RedactionState;
    };

export interface RedactAsk {
  readonly session: SessionId;
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

/** Whether somebody may ask for blocks of an ended session's recording to be destroyed. The session is one that state knows. */
export function mayRedact(
  policy: Policy,
  state: State,
  { session, from, to, by }: RedactAsk,
  nowMs: number,
): RedactVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (!isRedactor(policy, by)) return { ok: false, reason: "not-a-redactor" };
  if (state.sessions.get(session)?.ended === undefined) return { ok: false, reason: "session-live" };
  if (from < FIRST_REDACTABLE_BLOCK) return { ok: false, reason: "header-or-keys" };
  let open = 0;
  for (const held of state.redactions.values()) {
    if (!isStanding(held, nowMs)) continue;
    if (held.session === session && held.from <= to && from <= held.to)
      return { ok: false, reason: "overlaps", redaction: held };
    if (held.by === by && held.outcome === undefined) open += 1;
  }
  return open < OPEN_REDACTIONS_MAX ? { ok: true } : { ok: false, reason: "too-many-open" };
}

export type RedactionDecisionDenial =
  | "locked"
  | "own-redaction" // two people, always
  | "not-open"
  | "lapsed"
  | "not-a-redactor";

export type RedactionDecisionVerdict =
  | { readonly ok: true }
  | Locked
  | { readonly ok: false; readonly reason: Exclude<RedactionDecisionDenial, "locked"> };

/** Whether somebody may say yes or no to a redaction: a redactor, never the one who asked for it. */
export function mayDecideRedaction(
  policy: Policy,
  state: State,
  held: RedactionState,
  by: string,
  nowMs: number,
): RedactionDecisionVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (!isRedactor(policy, by)) return { ok: false, reason: "not-a-redactor" };
  if (held.by === by) return { ok: false, reason: "own-redaction" };
  if (held.outcome !== undefined) return { ok: false, reason: "not-open" };
  return nowMs < held.lapsesAtMs ? { ok: true } : { ok: false, reason: "lapsed" };
}

/** Whether somebody is in a group that may redact. Nobody is unless the configuration says so; an admin is not by being one. */
export function isRedactor(policy: Policy, name: string): boolean {
  const identity = policy.identities.get(name);
  return identity !== undefined && isMemberOf(identity, policy.redactors);
}

/** Names of those who could decide on a redaction. */
export function redactorsBut(policy: Policy, asker: string): readonly string[] {
  return [...policy.identities.keys()].filter((name) => name !== asker && isRedactor(policy, name)).sort();
}

/** Whether its blocks are spoken for: done, to be done, or waiting. */
function isStanding({ outcome, lapsesAtMs }: RedactionState, nowMs: number): boolean {
  return outcome === undefined ? nowMs < lapsesAtMs : outcome.kind === "approved";
}
