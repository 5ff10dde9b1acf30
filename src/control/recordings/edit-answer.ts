import type {
  RedactionApprovalVerdict,
  RedactionEndingVerdict,
  RedactionId,
  RedactionState,
  RedactVerdict,
  SessionId,
  UnsealVerdict,
} from "../../access/index.js";
import type { RewrapStatement, UnredactableBlocks } from "../../recording/index.js";

export interface RedactionAsk {
  readonly session: SessionId;
  /** First and last block. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  readonly by: string;
}

export interface RedactionAsked {
  readonly ok: true;
  readonly redaction: RedactionState;
  /** What the blocks take in the file. */
  readonly bytes: number;
}

/** The recording is not whole, so nothing is built on it; `detail` is for people. */
interface Damaged {
  readonly ok: false;
  readonly reason: "recording-damaged";
  readonly detail: string;
}

type Refusal<V> = Exclude<V, { readonly ok: true }>;

export type RedactionRefused =
  Refusal<RedactVerdict> | Damaged | ({ readonly ok: false } & UnredactableBlocks);

export interface RedactionGiven {
  readonly redaction: RedactionId;
  readonly by: string;
}

/** `unfinished` is why the file could not be changed yet: the ledger has the approval, and it is tried again. */
export interface RedactionApproved {
  readonly ok: true;
  readonly redaction: RedactionState;
  readonly unfinished?: string;
}

export type RedactionApprovalRefused = Refusal<RedactionApprovalVerdict> | Damaged;

export interface RedactionEnding extends RedactionGiven {
  readonly reason: string;
}

export interface RedactionEnded {
  readonly ok: true;
  readonly redaction: RedactionState;
}

export type RedactionEndingRefused = Refusal<RedactionEndingVerdict>;

export interface RewrapAsk {
  readonly session: SessionId;
  readonly by: string;
  readonly statement: RewrapStatement;
  /** Recipients that the caller named one by one, beside those that the configuration names. */
  readonly named: readonly string[];
  /** Recipients that the caller wants to be without. */
  readonly removed: readonly string[];
}

export interface Rewrapped {
  readonly ok: true;
  /** Each with what it opens, once. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly recipients: readonly string[];
  /** Why the file could not be changed yet. */
  readonly unfinished?: string;
}

/** Why a recording's keys cannot be changed, whoever asks. */
export type KeysRefused =
  | Damaged
  | {
      readonly ok: false;
      readonly reason: "session-live" | "deleted" | "too-many-recipients" | "nothing-changed";
    }
  /** The statement is malformed, or for another state of the keys. */
  | { readonly ok: false; readonly reason: "statement-refused"; readonly detail: string };

export type RewrapRefused =
  | KeysRefused
  /** What was typed unseen is not theirs by the configuration: that takes an unsealing. */
  | { readonly ok: false; readonly reason: "not-to-unseal"; readonly recipient: string }
  /** Neither the configuration nor the caller names this recipient. */
  | { readonly ok: false; readonly reason: "unknown-recipient"; readonly recipient: string }
  /** It takes somebody away whom the caller did not name. */
  | { readonly ok: false; readonly reason: "unasked-removal"; readonly recipient: string }
  /** The configuration seals to them: an auditor alone does not take that back. */
  | {
      readonly ok: false;
      readonly reason: "still-configured";
      readonly recipient: string;
      readonly name: string;
    };

export interface UnsealAsk {
  readonly session: SessionId;
  readonly by: string;
  /** The auditor who is to see what was typed, and their public key. */
  readonly for: string;
  readonly recipient: string;
  readonly reason: string;
  readonly statement: RewrapStatement;
}

export type UnsealRefused =
  | KeysRefused
  | Refusal<UnsealVerdict>
  /** The configuration knows another key by the auditor's name, or this one by the name of somebody else. */
  | { readonly ok: false; readonly reason: "another-key" | "key-of-another"; readonly name: string }
  /** The statement does anything else than to add the second key for that auditor, or the auditor cannot read the rest. */
  | { readonly ok: false; readonly reason: "not-an-unsealing" | "not-a-reader" };

/** Something that the ledger allows and a file does not have yet. */
export interface UnfinishedEdit {
  readonly session: SessionId;
  readonly redaction?: RedactionId;
  readonly detail: string;
}
