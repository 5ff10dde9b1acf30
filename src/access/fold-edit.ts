import type {
  EditEvent,
  RecordingRedacted,
  RecordingRewrapped,
  RedactionApproved,
  RedactionAsked,
} from "./edit-event.js";
import { impossible, sessionOf, type MutableState } from "./fold-state.js";
import { isHeld } from "./may-lift.js";
import type { RedactionId } from "./id.js";
import type { RedactionOutcome, RedactionState } from "./redaction.js";
import type { RecordingUnsealed } from "./unseal-event.js";

/** What a change of a recording makes of the state. Throws AccessError `impossible-event`, with the state untouched. */
export function foldEdit(state: MutableState, event: EditEvent, atMs: number): void {
  switch (event.type) {
    case "recording.rewrapped": {
      noteRewrap(state, event, atMs);
      return;
    }
    case "redaction.asked": {
      askRedaction(state, event, atMs);
      return;
    }
    case "redaction.approved": {
      approveRedaction(state, event, atMs);
      return;
    }
    case "redaction.denied": {
      const { by, reason } = event;
      endRedaction(state, event.redaction, { kind: "denied", atMs, by, reason });
      return;
    }
    case "redaction.lapsed": {
      endRedaction(state, event.redaction, { kind: "lapsed", atMs });
      return;
    }
    case "recording.redacted": {
      noteRedacted(state, event, atMs);
      return;
    }
  }
}

/** A live recording is its proxy's alone. */
function endedSession(state: MutableState, id: RecordingRewrapped["session"]) {
  const session = sessionOf(state, id);
  if (session.ended === undefined) throw impossible(`session ${id} is live`);
  return session;
}

function noteRewrap(state: MutableState, event: RecordingRewrapped, atMs: number): void {
  const { by, recipients, apartRecipients, substitute } = event;
  const session = endedSession(state, event.session);
  if (recipients.length === 0) throw impossible(`session ${event.session} is sealed to nobody`);
  const apart = apartRecipients !== undefined && { apartRecipients };
  state.sessions.set(session.session, {
    ...session,
    rewrapped: { atMs, by, recipients, substitute, ...apart },
  });
}

/** Nobody unseals for themselves. */
export function noteUnsealed(state: MutableState, event: RecordingUnsealed, atMs: number): void {
  const { by, for: auditor, reason } = event;
  const session = endedSession(state, event.session);
  if (by === auditor) throw impossible(`${by} unseals session ${event.session} for themselves`);
  const unsealed = [...(session.unsealed ?? []), { atMs, by, for: auditor, reason }];
  state.sessions.set(session.session, { ...session, unsealed });
}

function askRedaction(state: MutableState, event: RedactionAsked, atMs: number): void {
  const { redaction, session, blocks, reason, by, lapsesAtMs } = event;
  endedSession(state, session);
  if (state.redactions.has(redaction)) throw impossible(`redaction ${redaction} was asked for before`);
  const [from, to] = blocks;
  state.redactions.set(redaction, { redaction, session, from, to, reason, by, lapsesAtMs, askedAtMs: atMs });
  state.openRedactions.add(redaction);
}

/** Nobody says yes to what they asked for themselves, and once is enough. */
function approveRedaction(state: MutableState, { redaction, by }: RedactionApproved, atMs: number): void {
  const held = openRedaction(state, redaction);
  if (held.by === by) throw impossible(`redaction ${redaction} is approved by who asked for it`);
  if (atMs >= held.lapsesAtMs) throw impossible(`redaction ${redaction} had lapsed`);
  state.redactions.set(redaction, { ...held, outcome: { kind: "approved", atMs, by } });
}

function endRedaction(state: MutableState, id: RedactionId, outcome: RedactionOutcome): void {
  state.redactions.set(id, { ...openRedaction(state, id), outcome });
  state.openRedactions.delete(id);
}

/** Exactly what was approved, once. */
function noteRedacted(state: MutableState, event: RecordingRedacted, atMs: number): void {
  const { redaction, session: id, from, to, approval, substitutes } = event;
  const held = redactionOf(state, redaction);
  if (held.outcome?.kind !== "approved") throw impossible(`redaction ${redaction} is not approved`);
  if (held.done !== undefined) throw impossible(`redaction ${redaction} was done before`);
  if (held.session !== id || held.from !== from || held.to !== to)
    throw impossible(`redaction ${redaction} was for something else`);
  const session = sessionOf(state, id);
  if (isHeld(state, session)) throw impossible(`the recording of ${id} is under a hold`);
  const stretch = { redaction, from, to, substitutes };
  state.redactions.set(redaction, { ...held, done: { atMs, approval, substitutes } });
  state.sessions.set(id, { ...session, redacted: [...(session.redacted ?? []), stretch] });
  state.openRedactions.delete(redaction);
}

function openRedaction(state: MutableState, id: RedactionId): RedactionState {
  const held = redactionOf(state, id);
  if (held.outcome !== undefined) throw impossible(`redaction ${id} was decided before`);
  return held;
}

function redactionOf(state: MutableState, id: RedactionId): RedactionState {
  const held = state.redactions.get(id);
  if (held === undefined) throw impossible(`redaction ${id} was never asked for`);
  return held;
}
