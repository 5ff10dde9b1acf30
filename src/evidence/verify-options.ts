import type { AuditorPrivateKey } from "../recording/index.js";

/** How far a verification has come. */
export interface EvidenceProgress {
  readonly entries: number;
  /** Entries under the newest checkpoint. */
  readonly size: number;
  readonly recordings: number;
}

/** An older checkpoint that somebody kept elsewhere. */
export interface OlderCheckpoint {
  /** What it is called in faults: a file's name. */
  readonly where: string;
  /** The signed note. */
  readonly note: string;
}

export interface VerifyEvidenceOptions {
  /** Verifier keys (`name+hash+key`) of the log and of witnesses; without the log's, the evidence's own are taken. */
  readonly verifiers?: readonly string[];
  readonly olderCheckpoints?: readonly OlderCheckpoint[];
  /** Only recordings of sessions that were live at or after `sinceMs` and began before `untilMs`; the ledger is checked whole. */
  readonly sinceMs?: number;
  readonly untilMs?: number;
  /** To open every seal; the source must have files. */
  readonly auditorKeys?: readonly AuditorPrivateKey[];
  /** Sees every entry under the checkpoint: its number and its RFC 6962 leaf hash. */
  readonly onEntry?: (index: number, leaf: Buffer) => void;
  readonly onProgress?: (progress: EvidenceProgress) => void;
  /**
   * How long something that looks wrong is looked at again, in milliseconds, when a bastion is at work on the evidence: it
   * writes recordings up to a second before the checkpoint that speaks of them. 0 unless given.
   */
  readonly settleMs?: number;
  /** Called before a checkpoint is read: a bastion that verifies itself makes one of all that it has. */
  readonly refresh?: () => Promise<void>;
  /** Aborting makes the verification reject with the signal's reason. */
  readonly signal?: AbortSignal;
}
