import type { Progress } from "../progress.js";
import type { Row } from "../row.js";
import type { Stand } from "./stand.js";

/** How much is measured. */
export interface Amounts {
  /** Pairs of transfers. */
  readonly runs: number;
  readonly bytes: number;
  readonly connects: number;
  readonly keystrokes: number;
  readonly idleSessions: number;
  /** Grants that are revoked, each with a session of every kind. */
  readonly cuts: number;
}

/** One thing that is measured, and the rows that come of it. */
export interface Measurement {
  readonly rows: readonly string[];
  measure(stand: Stand, amounts: Amounts, progress: Progress): Promise<Row[]>;
}
