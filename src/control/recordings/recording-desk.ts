import { existsSync } from "node:fs";
import type { ReadingWay, RedactionId, RedactionState, SessionId, SessionState } from "../../access/index.js";
import { EDIT_SUFFIX, systemFiles, type EditFiles } from "../../recording/index.js";
import type { DecisionContext } from "../decision-context.js";
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
  RewrapAsk,
  Rewrapped,
  RewrapRefused,
  UnfinishedEdit,
  UnsealAsk,
  UnsealRefused,
} from "./edit-answer.js";
import type { RecordingPlaces } from "./finish-edit.js";
import {
  approveRedaction,
  askRedaction,
  carryOut,
  denyRedaction,
  lapseRedaction,
} from "./redact-recording.js";
import { recordingPath } from "./recording-path.js";
import { rewrapRecording } from "./rewrap-recording.js";
import { unsealRecording } from "./unseal-recording.js";
import { dropCopy, leftCopies, settleCopy } from "./settle-copies.js";

/** How often is looked for redactions that nobody decided in time: so late at most they lapse. */
const LOOK_EVERY_MS = 1000;
/** What could not be finished is tried again so often: a disk that was full, a hold that was lifted. */
const RETRY_EVERY_MS = 60_000;

/**
 * Where recordings lie, who reads them, and where what they hold is changed: keys, or blocks that have to go. The ledger says it first, then the file is
 * replaced as a whole; what a crash left between the two is settled at the next start. One thing at a time for each recording.
 */
export class RecordingDesk {
  readonly #context: DecisionContext;
  readonly #places: RecordingPlaces;
  /** What was left is settled when this resolves. Never rejects. */
  readonly settled: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #retryAtMs = 0;
  #isClosed = false;
  #work: Promise<void> = Promise.resolve();

  /** Begins to settle what was left; a start does not wait for it. */
  constructor(context: DecisionContext, files: EditFiles = systemFiles) {
    this.#context = context;
    this.#places = {
      pathOf: (session) => recordingPath(context.config(), session),
      files,
      unfinished: new Map(),
    };
    this.settled = this.#settle().catch((error: unknown) => this.#note(error));
    this.#look();
  }

  /** Where a session's recording lies. */
  pathOf(session: SessionState): string {
    return this.#places.pathOf(session);
  }

  /** Writes down that somebody is about to read a recording; resolves when that is on the disk. */
  noteReading(session: SessionId, by: string, how: ReadingWay): Promise<void> {
    return this.#context.keeper.record({ type: "recording.read", session, by, how });
  }

  /** What the ledger allows and a file does not have yet. */
  get unfinished(): readonly UnfinishedEdit[] {
    return [...this.#places.unfinished.values()];
  }

  /** Asks for blocks of a recording to be destroyed; somebody else decides. The session is one that state knows. */
  askRedaction(ask: RedactionAsk): Promise<RedactionAsked | RedactionRefused> {
    return this.#turn(ask.session, () => askRedaction(this.#context, this.#places, ask));
  }

  /** Says yes; when it resolves the blocks are gone, or it says why not yet. State knows the redaction, here and below. */
  approveRedaction(given: RedactionGiven): Promise<RedactionApproved | RedactionApprovalRefused> {
    const { session } = this.#held(given.redaction);
    return this.#turn(session, () => approveRedaction(this.#context, this.#places, given));
  }

  denyRedaction(ending: RedactionEnding): Promise<RedactionEnded | RedactionEndingRefused> {
    return this.#turn(this.#held(ending.redaction).session, () => denyRedaction(this.#context, ending));
  }

  /** Puts keys that an auditor wrapped anew into a recording. */
  rewrap(ask: RewrapAsk): Promise<Rewrapped | RewrapRefused> {
    return this.#turn(ask.session, () => rewrapRecording(this.#context, this.#places, ask));
  }

  /** Lets an auditor see what was typed on the session's terminals. */
  unseal(ask: UnsealAsk): Promise<Rewrapped | UnsealRefused> {
    return this.#turn(ask.session, () => unsealRecording(this.#context, this.#places, ask));
  }

  /** Ends when the change that is being made is made. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.settled;
    await this.#work;
  }

  /** A copy that waits to take the recording's place comes first: what is done next is built on it. */
  #turn<T>(id: SessionId, work: () => Promise<T>): Promise<T> {
    const turn = this.#context.recordingTurns.take(id, async () => {
      await this.#settleSession(id);
      return work();
    });
    this.#work = Promise.allSettled([this.#work, turn]).then(() => undefined);
    return turn;
  }

  async #settleSession(id: SessionId): Promise<void> {
    const session = this.#context.keeper.state.sessions.get(id);
    if (session?.deleted !== undefined) this.#places.unfinished.delete(id); // its time was over first
    if (session === undefined || !existsSync(recordingPath(this.#context.config(), session) + EDIT_SUFFIX))
      return;
    const detail = await settleCopy(this.#context, this.#places, session);
    if (detail !== undefined) throw new Error(`${id} has a change that could not be finished: ${detail}`);
  }

  async #settle(): Promise<void> {
    const { config, keeper } = this.#context;
    const { recordings, archive } = config();
    for (const folder of [recordings, ...(archive === undefined ? [] : [archive])]) {
      for (const copy of await leftCopies(folder)) await this.#settleLeft(copy);
    }
    for (const id of [...keeper.state.openRedactions]) await this.#settleRedaction(id);
  }

  async #settleLeft(copy: string): Promise<void> {
    const { config, keeper, recordingTurns } = this.#context;
    const session = [...keeper.state.sessions.values()].find(
      (one) => recordingPath(config(), one) + EDIT_SUFFIX === copy,
    );
    await (
      session === undefined
        ? dropCopy(copy, this.#places.files)
        : recordingTurns.take(session.session, () => settleCopy(this.#context, this.#places, session))
    ).catch((error: unknown) => this.#note(error));
  }

  async #settleRedaction(id: RedactionId): Promise<void> {
    const { session } = this.#held(id);
    await this.#turn(session, async () => {
      const { outcome, done } = this.#held(id);
      if (outcome?.kind !== "approved" || done !== undefined) return;
      await carryOut(this.#context, this.#places, id, await this.#entryOf(id));
    }).catch((error: unknown) => this.#note(error));
  }

  /** Read from the ledger: state does not keep entries' numbers, and this happens after a crash only. */
  async #entryOf(id: RedactionId): Promise<number> {
    for await (const { index, entry } of this.#context.keeper.read())
      if (entry.type === "redaction.approved" && entry.redaction === id) return index;
    throw new Error(`the ledger has no approval of ${id}`);
  }

  #look(): void {
    this.#timer = setTimeout(() => {
      void this.#lookNow()
        .catch((error: unknown) => this.#note(error))
        .then(() => (this.#isClosed ? undefined : this.#look()));
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  async #lookNow(): Promise<void> {
    const { keeper, clocks } = this.#context;
    for (const id of [...keeper.state.openRedactions]) {
      const { session, outcome, lapsesAtMs } = this.#held(id);
      if (outcome === undefined && clocks.wallMs() >= lapsesAtMs)
        await this.#turn(session, () => lapseRedaction(this.#context, id));
    }
    if (this.#places.unfinished.size === 0 || clocks.monotonicMs() < this.#retryAtMs) return;
    this.#retryAtMs = clocks.monotonicMs() + RETRY_EVERY_MS;
    for (const { session } of this.unfinished) await this.#turn(session, () => Promise.resolve());
    for (const id of [...keeper.state.openRedactions]) await this.#settleRedaction(id);
  }

  #held(id: RedactionId): RedactionState {
    const held = this.#context.keeper.state.redactions.get(id);
    if (held === undefined) throw new TypeError(`redaction ${id} was never asked for`);
    return held;
  }

  #note(error: unknown): void {
    this.#context.log.error({ error: String(error) }, "a change of a recording not settled");
  }
}
