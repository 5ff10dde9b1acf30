import {
  AccessError,
  emptyState,
  fold,
  parseAccessEvent,
  type AccessEvent,
  type State,
} from "../access/index.js";
import { ClockBook } from "./clocks/clock-book.js";
import { ApproverKeys } from "./approver-keys.js";
import type { EvidenceFaultCode } from "./evidence-fault.js";
import type { Findings } from "./findings.js";
import type { ToldEntry } from "./ledger-walk.js";
import { openEntry } from "./ledger-entry.js";
import { RefusalBook } from "./refusal-book.js";
import { SessionBooks, type SessionBook } from "./session-book.js";
import { approvalFault } from "./signed-approval.js";

/**
 * What the entries say, one after the other: each is opened, decoded and folded, so that what cannot have happened is found;
 * signed approvals are verified, and what was promised of recordings is kept.
 */
export class EntryHistory {
  readonly state: State = emptyState();
  readonly books = new SessionBooks();
  readonly refusals = new RefusalBook();
  readonly clocks = new ClockBook();
  readonly approvers = new ApproverKeys();
  /** Policies that were in force, and the entry that named each first. */
  readonly policies = new Map<string, number>();
  quorums = 0;
  signed = 0;
  /** Time of the last entry. */
  lastAtMs: number | undefined;
  /** An entry could not be read, so that later ones may speak of what is not known. */
  isWhole = true;
  /** Most entries that a witness has cosigned, as entries say. */
  witnessedSize = 0;
  readonly #findings: Findings;
  /** The file that the entry lies in. */
  #where = "";
  readonly #onEnded: (book: SessionBook) => void;
  #clockSteps = 0;
  #unjudged = 0;

  constructor(findings: Findings, onEnded: (book: SessionBook) => void) {
    [this.#findings, this.#onEnded] = [findings, onEnded];
  }

  /** Takes the next entry; undefined when its bytes are not those that were signed for, as was said already. */
  take({ index, bytes, where }: ToldEntry): void {
    this.#where = where;
    if (bytes === undefined) {
      this.isWhole = false;
      return;
    }
    const opened = openEntry(index, bytes);
    if (typeof opened === "string") {
      this.#fault("entry-invalid", index, opened);
      this.isWhole = false;
      return;
    }
    this.#lookAtClock(index, opened.atMs);
    const event = this.#decode(index, opened.event);
    if (event === undefined || !this.#fold(index, event, opened.atMs)) return;
    this.clocks.note(index, event, opened.atMs);
    this.#follow(index, event);
  }

  /** What is worth knowing of all entries. */
  notes(): string[] {
    const steps = `the clock went back ${this.#clockSteps} times between entries`;
    const unjudged = `${this.#unjudged} entries speak of what only entries said that cannot be read; they were not judged`;
    return [
      ...(this.#clockSteps > 0 ? [steps] : []),
      ...(this.#unjudged > 0 ? [unjudged] : []),
      ...this.refusals.notes(),
    ];
  }

  #decode(index: number, value: unknown): AccessEvent | undefined {
    try {
      return parseAccessEvent(value);
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      this.#fault("entry-undecodable", index, error.message);
      this.isWhole = false;
      return undefined;
    }
  }

  #fold(index: number, event: AccessEvent, atMs: number): boolean {
    try {
      fold(this.state, event, atMs);
      return true;
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      if (this.isWhole) this.#fault("impossible-event", index, `${event.type}: ${error.message}`);
      else this.#unjudged += 1;
      return false;
    }
  }

  #follow(index: number, event: AccessEvent): void {
    switch (event.type) {
      case "bastion.started":
        this.#notePolicy(event.policy, index);
        break;
      case "policy.loaded":
        this.#notePolicy(event.hash, index);
        break;
      case "request.approved": {
        if (event.evidence === undefined) break;
        const fault = approvalFault(event, event.evidence);
        if (fault === undefined) {
          this.signed += 1;
          this.approvers.note(event, index, this.#where);
        } else this.#fault("approval-unproven", index, `${event.request} by ${event.by}: ${fault}`);
        break;
      }
      case "grant.issued":
        // the fold has counted: without enough approvals it would not have taken the event
        if (event.grant.how === "approved") this.quorums += 1;
        break;
      case "grant.extended":
        if (event.request !== undefined) this.quorums += 1;
        break;
      case "session.denied":
        this.refusals.refused(event.words);
        break;
      case "denial.forgotten":
        this.refusals.forgotten();
        break;
      case "witness.cosigned":
        this.witnessedSize = Math.max(this.witnessedSize, event.size);
        break;
      case "session.started":
      case "recording.head":
      case "session.ended": {
        const ended = this.books.note(index, event, this.state.policy);
        if (ended?.endedEntry === index) this.#onEnded(ended);
        break;
      }
      default: // the fold has taken it, and that is all that was to be checked
    }
  }

  #notePolicy(hash: string, index: number): void {
    this.approvers.use(hash);
    if (!this.policies.has(hash)) this.policies.set(hash, index);
  }

  #lookAtClock(index: number, atMs: number): void {
    this.clocks.tick(index, atMs);
    if (this.lastAtMs !== undefined && atMs < this.lastAtMs) {
      this.#clockSteps += 1;
      if (this.#clockSteps === 1)
        this.#findings.note(`the clock went back ${this.lastAtMs - atMs} ms before entry ${index}`);
    }
    this.lastAtMs = atMs;
  }

  #fault(code: EvidenceFaultCode, entry: number, detail: string): void {
    this.#findings.fault({ code, where: this.#where, entry, detail });
  }
}
