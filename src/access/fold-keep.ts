import { openOverride, OVERRIDE_MS_MAX, OVERRIDE_WAITS_MS } from "./disk-override.js";
import { impossible, sessionOf, type MutableState } from "./fold-state.js";
import type {
  DiskOverrideAsked,
  DiskOverrideEnded,
  DiskOverrideGiven,
  HoldLifted,
  HoldSet,
  RecordingArchived,
  RecordingDeleted,
} from "./keep-event.js";
import { mayDelete } from "./may-delete.js";

export function setHold(state: MutableState, event: HoldSet, atMs: number): void {
  const { hold, session, identity, target, by, reason } = event;
  if (state.holds.has(hold)) throw impossible(`hold ${hold} was set before`);
  if (session !== undefined) sessionOf(state, session);
  const subject = {
    ...(session !== undefined && { session }),
    ...(identity !== undefined && { identity }),
    ...(target !== undefined && { target }),
  };
  state.holds.set(hold, { hold, ...subject, by, reason, atMs });
  state.openHolds.add(hold);
}

export function liftHold(state: MutableState, { hold, by, reason }: HoldLifted, atMs: number): void {
  const held = state.holds.get(hold);
  if (held === undefined) throw impossible(`hold ${hold} was never set`);
  if (held.lifted !== undefined) throw impossible(`hold ${hold} was lifted before`);
  state.holds.set(hold, { ...held, lifted: { atMs, by, reason } });
  state.openHolds.delete(hold);
}

export function archiveRecording(
  state: MutableState,
  { session: id, path }: RecordingArchived,
  atMs: number,
): void {
  const session = sessionOf(state, id);
  if (session.ended === undefined) throw impossible(`session ${id} has not ended`);
  if (session.archived !== undefined) throw impossible(`the recording of ${id} was archived before`);
  if (session.deleted !== undefined) throw impossible(`the recording of ${id} was deleted before`);
  state.sessions.set(id, { ...session, archived: { atMs, path } });
}

/** What was promised at the session's start, and the holds, bind the fold too: so a reader sees a deletion that came too early. */
export function deleteRecording(
  state: MutableState,
  { session: id, hash }: RecordingDeleted,
  atMs: number,
): void {
  const session = sessionOf(state, id);
  const verdict = mayDelete(state, session, atMs);
  if (!verdict.ok) throw impossible(`the recording of ${id} may not be deleted: ${verdict.reason}`);
  if (session.head !== undefined && session.head.hash !== hash)
    throw impossible(`the recording of ${id} was another one`);
  state.sessions.set(id, { ...session, deleted: { atMs, hash } });
  for (const open of [...state.openRedactions]) {
    const { session: of, outcome } = state.redactions.get(open) ?? {};
    if (of === id && outcome?.kind === "approved") state.openRedactions.delete(open); // there is nothing left to do
  }
}

export function askOverride(state: MutableState, event: DiskOverrideAsked, atMs: number): void {
  const { override, by, reason, forMs } = event;
  const last = state.diskOverride;
  if (last?.override === override) throw impossible(`override ${override} was asked before`);
  if (last?.given !== undefined && last.ended === undefined)
    throw impossible(`override ${last.override} is in force`);
  state.diskOverride = { override, by, reason, forMs, askedAtMs: atMs };
}

export function giveOverride(
  state: MutableState,
  { override, by, untilMs }: DiskOverrideGiven,
  atMs: number,
): void {
  const wish = openOverride(state, atMs);
  if (wish?.override !== override) throw impossible(`override ${override} does not wait`);
  if (wish.by === by) throw impossible(`override ${override} was asked by ${by} themselves`);
  // what was decided a moment before it was written
  const latestMs = Math.min(wish.askedAtMs + OVERRIDE_WAITS_MS, atMs + OVERRIDE_MS_MAX) + wish.forMs;
  if (untilMs > latestMs) throw impossible(`override ${override} was asked for less`);
  state.diskOverride = { ...wish, given: { by, atMs, untilMs } };
}

/** A second end of the same one is no error: the first stands. */
export function endOverride(state: MutableState, { override, by }: DiskOverrideEnded, atMs: number): void {
  const last = state.diskOverride;
  if (last?.override !== override) throw impossible(`override ${override} is not the last one`);
  if (last.ended === undefined) state.diskOverride = { ...last, ended: { by, atMs } };
}
