import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  mayApproveRedaction,
  mayDenyRedaction,
  mayRedact,
  newId,
  redactionFault,
  type RedactionId,
  type RedactionState,
} from "../../access/index.js";
import { inspectStretch, prepareRedaction, RecordingError } from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
import { LEDGER_DELAY_MS } from "../requests/settle-request.js";
import type {
  RedactionApprovalRefused,
  RedactionApproved,
  RedactionAsk,
  RedactionAsked,
  RedactionEnded,
  RedactionEnding,
  RedactionEndingRefused,
  RedactionGiven,
  RedactionRefused,
} from "./edit-answer.js";
import { finishEdit, type RecordingPlaces } from "./finish-edit.js";

/** Writes down that somebody wants blocks destroyed, if they may and the blocks are there. The caller holds the session's turn, here and below. */
export async function askRedaction(
  { config, keeper, clocks }: DecisionContext,
  { pathOf }: RecordingPlaces,
  ask: RedactionAsk,
): Promise<RedactionAsked | RedactionRefused> {
  const { session: id, from, to, reason, by } = ask;
  const { policy, requests } = config();
  const verdict = mayRedact(policy, keeper.state, ask, clocks.wallMs());
  if (!verdict.ok) return verdict;
  const session = keeper.state.sessions.get(id);
  if (session === undefined) throw new TypeError(`session ${id} was never started`);
  const stretch = await inspectStretch(pathOf(session), { from, to }, session.head).catch(damaged);
  if ("ok" in stretch) return stretch;
  if (stretch.fault !== undefined) return { ok: false, ...stretch.fault };
  const redaction = newId("red", randomBytes(ID_RANDOM_BYTES));
  const lapsesAtMs = clocks.wallMs() + requests.lapseMs;
  await keeper.record({
    ...{ type: "redaction.asked", redaction, session: id, blocks: [from, to], reason, by, lapsesAtMs },
  });
  return { ok: true, redaction: heldOf({ keeper }, redaction), bytes: stretch.bytes };
}

/** Adds the second person's yes and carries it out. */
export async function approveRedaction(
  context: DecisionContext,
  places: RecordingPlaces,
  { redaction: id, by }: RedactionGiven,
): Promise<RedactionApproved | RedactionApprovalRefused> {
  const { config, keeper, clocks } = context;
  const nowMs = clocks.wallMs() + LEDGER_DELAY_MS;
  const verdict = mayApproveRedaction(config().policy, keeper.state, heldOf(context, id), by, nowMs);
  if (!verdict.ok) return verdict;
  const entry = await keeper.write({ type: "redaction.approved", redaction: id, by });
  const unfinished = await carryOut(context, places, id, entry);
  return { ok: true, redaction: heldOf(context, id), ...(unfinished !== undefined && { unfinished }) };
}

/** One no is enough. */
export async function denyRedaction(
  context: DecisionContext,
  { redaction: id, by, reason }: RedactionEnding,
): Promise<RedactionEnded | RedactionEndingRefused> {
  const { config, keeper, clocks } = context;
  const verdict = mayDenyRedaction(config().policy, keeper.state, heldOf(context, id), by, clocks.wallMs());
  if (!verdict.ok) return verdict;
  await keeper.record({ type: "redaction.denied", redaction: id, by, reason });
  return { ok: true, redaction: heldOf(context, id) };
}

/** Writes down that nobody decided in time. */
export async function lapseRedaction({ keeper, clocks }: DecisionContext, id: RedactionId): Promise<void> {
  const { outcome, lapsesAtMs } = heldOf({ keeper }, id);
  if (outcome === undefined && clocks.wallMs() >= lapsesAtMs)
    await keeper.record({ type: "redaction.lapsed", redaction: id });
}

/**
 * Carries out what is approved: the copy without the blocks is made, the ledger says what stands in their place, the copy
 * takes the recording's place. After a crash between any two of these it is begun again and comes to the same. Resolves with what
 * is in the way, if something is.
 */
export async function carryOut(
  context: DecisionContext,
  places: RecordingPlaces,
  id: RedactionId,
  entry: number,
): Promise<string | undefined> {
  const { keeper } = context;
  const { session: sessionId, from, to, reason, by, outcome } = heldOf(context, id);
  const session = keeper.state.sessions.get(sessionId);
  if (session === undefined || outcome?.kind !== "approved") throw new TypeError(`${id} is not approved`);
  const stop = (detail: string): string => {
    places.unfinished.set(sessionId, { session: sessionId, redaction: id, detail });
    return detail;
  };
  const fault = redactionFault(keeper.state, heldOf(context, id));
  if (fault !== undefined) return stop(fault.reason === "held" ? `held by ${fault.hold.hold}` : fault.reason);
  try {
    const statement = { redaction: id, reason, by, approvedBy: outcome.by, atMs: outcome.atMs, entry };
    const about = { statement, promised: session.head };
    const path = places.pathOf(session);
    const { prepared, substitutes } = await prepareRedaction(path, { from, to }, about, places.files);
    await keeper.record({
      ...{ type: "recording.redacted", redaction: id, session: sessionId, from, to },
      ...{ approval: entry, substitutes },
    });
    return await finishEdit(context, places, { session: sessionId, prepared, redaction: id });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    context.log.error(
      { session: sessionId, redaction: id, error: error.message },
      "redaction not carried out yet",
    );
    return stop(`${error.code}: ${error.message}`);
  }
}

function heldOf({ keeper }: Pick<DecisionContext, "keeper">, id: RedactionId): RedactionState {
  const held = keeper.state.redactions.get(id);
  if (held === undefined) throw new TypeError(`redaction ${id} was never asked for`);
  return held;
}

function damaged(error: unknown): RedactionRefused {
  if (!(error instanceof RecordingError)) throw error;
  return { ok: false, reason: "recording-damaged", detail: `${error.code}: ${error.message}` };
}
