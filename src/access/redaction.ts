import type { RedactionId, SessionId } from "./id.js";

/** How a redaction that was asked for was decided. */
export type RedactionOutcome =
  | { readonly kind: "approved"; readonly atMs: number; readonly by: string }
  | { readonly kind: "denied"; readonly atMs: number; readonly by: string; readonly reason: string }
  | { readonly kind: "lapsed"; readonly atMs: number };

/** Blocks of a recording that somebody wants destroyed, and what became of it. */
export interface RedactionState {
  readonly redaction: RedactionId;
  readonly session: SessionId;
  /** First and last block, both gone once it is done. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly by: string;
  readonly askedAtMs: number;
  readonly lapsesAtMs: number;
  /** Waits for somebody until there is one. */
  readonly outcome?: RedactionOutcome;
  /** The ledger allows the file to be changed; `approval` is the number of the entry that approved it. */
  readonly done?: { readonly atMs: number; readonly approval: number; readonly substitutes: string };
}

/** Blocks of a recording that the ledger lets be substituted. */
export interface RedactedStretch {
  readonly redaction: RedactionId;
  readonly from: number;
  readonly to: number;
  /** Hex SHA-256 over the SHA-256 of each substitute, in order. */
  readonly substitutes: string;
}

/** That an auditor was let see what was typed on the terminals of a session. */
export interface Unsealing {
  readonly atMs: number;
  readonly by: string;
  readonly for: string;
  readonly reason: string;
}

/** The last time that a recording's keys were wrapped anew. */
export interface Rewrap {
  readonly atMs: number;
  readonly by: string;
  readonly recipients: readonly string[];
  readonly apartRecipients?: readonly string[];
  /** Hex SHA-256 of the block in place of the keys block. */
  readonly substitute: string;
}
