import type { HoldState } from "./hold.js";
import { lockedBy, lockOn, type Locked } from "./lock-on.js";
import type { SessionId } from "./id.js";
import { holdsOn } from "./may-lift.js";
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
  | "deleted"
  | "held" // what it covers must stay as it is
  | "header-or-keys" // nothing that crossed is in them, and the proof begins there
  | "overlaps" // blocks that are gone already, or that another redaction waits to take
  | "too-many-open";

export type RedactVerdict =
  | { readonly ok: true }
  | Locked
  | { readonly ok: false; readonly reason: "overlaps"; readonly redaction: RedactionState }
  | { readonly ok: false; readonly reason: "held"; readonly hold: HoldState }
  | { readonly ok: false; readonly reason: Exclude<RedactDenial, "locked" | "overlaps" | "held"> };

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
  const fault = recordingFault(state, session);
  if (fault !== undefined) return fault;
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

export type RedactionApprovalDenial =
  | RedactionEndingDenial
  | "own-redaction" // two people, always
  | "session-live"
  | "deleted"
  | "held";

export type RedactionApprovalVerdict =
  | { readonly ok: true }
  | Locked
  | { readonly ok: false; readonly reason: "held"; readonly hold: HoldState }
  | { readonly ok: false; readonly reason: Exclude<RedactionApprovalDenial, "locked" | "held"> };

/** Whether somebody may say yes to a redaction, and so carry it out: a redactor, never the one who asked for it. */
export function mayApproveRedaction(
  policy: Policy,
  state: State,
  held: RedactionState,
  by: string,
  nowMs: number,
): RedactionApprovalVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (!isRedactor(policy, by)) return { ok: false, reason: "not-a-redactor" };
  if (held.by === by) return { ok: false, reason: "own-redaction" };
  const over = overFault(held, nowMs);
  if (over !== undefined) return { ok: false, reason: over };
  return redactionFault(state, held) ?? { ok: true };
}

/** What keeps a redaction from being carried out, although it is approved; undefined when nothing does. */
export function redactionFault(state: State, held: RedactionState): RecordingFault | undefined {
  return recordingFault(state, held.session);
}

export type RedactionEndingDenial = "locked" | "not-a-redactor" | "not-open" | "lapsed";

export type RedactionEndingVerdict =
  | { readonly ok: true }
  | Locked
  | { readonly ok: false; readonly reason: Exclude<RedactionEndingDenial, "locked"> };

/** Whether somebody may say no to a redaction: a redactor, or who asked for it and has thought better of it. */
export function mayDenyRedaction(
  policy: Policy,
  state: State,
  held: RedactionState,
  by: string,
  nowMs: number,
): RedactionEndingVerdict {
  const lock = lockOn(state, { identity: by });
  if (lock !== undefined) return lockedBy(lock);
  if (held.by !== by && !isRedactor(policy, by)) return { ok: false, reason: "not-a-redactor" };
  const over = overFault(held, nowMs);
  return over === undefined ? { ok: true } : { ok: false, reason: over };
}

function overFault(
  { outcome, lapsesAtMs }: RedactionState,
  nowMs: number,
): "not-open" | "lapsed" | undefined {
  if (outcome !== undefined) return outcome.kind === "lapsed" ? "lapsed" : "not-open";
  return nowMs < lapsesAtMs ? undefined : "lapsed";
}

export type RecordingFault =
  | { readonly ok: false; readonly reason: "session-live" | "deleted" }
  | { readonly ok: false; readonly reason: "held"; readonly hold: HoldState };

function recordingFault(state: State, id: SessionId): RecordingFault | undefined {
  const session = state.sessions.get(id);
  if (session?.ended === undefined) return { ok: false, reason: "session-live" };
  if (session.deleted !== undefined) return { ok: false, reason: "deleted" };
  const [hold] = holdsOn(state, session);
  return hold && { ok: false, reason: "held", hold };
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
