import type { AccessEvent, GrantId, SessionId } from "../../access/index.js";

/** A cosignature that stands in an entry. */
export interface ClockClaim {
  readonly index: number;
  /** Of the checkpoint that was cosigned. */
  readonly size: number;
  /** The signature line. */
  readonly line: string;
  /** What the entry says of its own time. */
  readonly atMs: number;
}

/** An entry, by its number and what it says of its time. */
export interface TimedEntry {
  readonly index: number;
  readonly atMs: number;
}

/** Times this near to each other are kept as one: the clocks of two machines are not compared more sharply than that. */
const STEP_MS = 60_000;

/** What the entries say of times, as far as witnesses' clocks are held against it. */
export class ClockBook {
  readonly claims: ClockClaim[] = [];
  /** Each entry that is a minute or more later than all before. */
  readonly forward: TimedEntry[] = [];
  readonly deletions: (TimedEntry & { readonly session: SessionId })[] = [];
  /** The entry that last said until when a grant is good. */
  readonly grants = new Map<GrantId, TimedEntry & { readonly untilMs: number }>();

  /** Takes an entry's time. */
  tick(index: number, atMs: number): void {
    const last = this.forward.at(-1);
    if (last === undefined || atMs >= last.atMs + STEP_MS) this.forward.push({ index, atMs });
  }

  /** Takes an event that the fold has taken. */
  note(index: number, event: AccessEvent, atMs: number): void {
    switch (event.type) {
      case "witness.cosigned":
      case "witness.refused": {
        const { cosignature: line, size } = event;
        if (line !== undefined) this.claims.push({ index, size, line, atMs });
        break;
      }
      case "recording.deleted":
        this.deletions.push({ index, atMs, session: event.session });
        break;
      case "grant.issued":
        this.grants.set(event.grant.id, { index, atMs, untilMs: event.grant.untilMs });
        break;
      case "grant.extended":
        this.grants.set(event.grant, { index, atMs, untilMs: event.untilMs });
        break;
      default: // says nothing that a clock decides
    }
  }
}
