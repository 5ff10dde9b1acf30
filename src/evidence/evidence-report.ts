import type { EvidenceFault } from "./evidence-fault.js";

/** A witness' word that it saw a checkpoint at a time. */
export interface Witnessing {
  readonly name: string;
  /** When it signed, by its own clock. */
  readonly atMs: number;
  /** Whether its key was given by whoever verifies; else it comes from the evidence itself. */
  readonly isGiven: boolean;
}

/** What was found. The evidence is good when `faults` is empty. */
export interface EvidenceReport {
  /** Entries under the checkpoint, each of them checked. */
  readonly entries: number;
  /** The newest one; none when there is no sound one. `atMs` is the time of its last entry. */
  readonly checkpoint?: {
    readonly origin: string;
    readonly size: number;
    /** Base64, as the checkpoint has it. */
    readonly root: string;
    readonly atMs?: number;
  };
  /** The newest checkpoint that witnesses have signed. Entries from `size` on have nobody's word but the log's. */
  readonly witnessed?: { readonly size: number; readonly by: readonly Witnessing[] };
  /** Whether the log's key was given by whoever verifies; else it came with the evidence, and proves nothing against who could replace both. */
  readonly isKeyGiven: boolean;
  /** How many older checkpoints the ledger was found to contain, of those that were given. */
  readonly olderCheckpoints: number;
  readonly sessions: SessionCounts;
  /** Recordings that were checked, and their bytes. */
  readonly recordings: { readonly checked: number; readonly bytes: number };
  readonly approvals: {
    /** Grants and extensions whose approvals the ledger proves to be enough. */
    readonly quorums: number;
    /** Approvals with a good ssh signature for their very request. */
    readonly signed: number;
  };
  /** Policy documents with the right hash. */
  readonly policies: number;
  readonly faults: readonly EvidenceFault[];
  /** What is no fault and yet worth knowing. */
  readonly notes: readonly string[];
}

/** Sessions that were asked about, by what there is of them. A session may be both whole and redacted. */
export interface SessionCounts {
  readonly total: number;
  /** Not as the ledger says they are; each has a fault. */
  readonly wrong: number;
  /** Recorded from the first to the last byte. */
  readonly whole: number;
  /** Recorded up to where the bastion or a proxy died. */
  readonly interrupted: number;
  /** Not over yet. */
  readonly live: number;
  /** They ended before anything was recorded. */
  readonly empty: number;
  readonly deleted: number;
  readonly archived: number;
  readonly redacted: number;
}
