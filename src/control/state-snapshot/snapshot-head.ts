import {
  encodeNote,
  LedgerError,
  openNote,
  signNote,
  type Signer,
  type VerifierKey,
} from "../../ledger/index.js";

/** First line of the signed text. No checkpoint of a log begins with it: an origin ends in eight hex digits. */
export const SNAPSHOT_FORMAT = "bascule-state/v1";

/** Largest head: an origin of 255 characters, twice, and some numbers. */
export const HEAD_BYTES_MAX = 4096;

/** What the ledger's key says of a snapshot of the state. */
export interface SnapshotHead {
  /** Of the ledger. */
  readonly origin: string;
  /** How many entries were folded. */
  readonly size: number;
  /** Of the tree of those entries. */
  readonly root: Buffer;
  /** `codeDigest` of the code that folded them, hex. */
  readonly code: string;
  /** How long the body is. */
  readonly bytes: number;
  /** Its SHA-256, hex. */
  readonly hash: string;
}

/** A head as a signed note (C2SP signed-note). */
export function encodeSnapshotHead(head: SnapshotHead, signer: Signer): string {
  const text = textOf(head);
  return encodeNote({ text, signatures: [signNote(text, signer)] });
}

/**
 * A head that this ledger's key signed. Verified: signature, form and origin; nothing of what it says. Throws LedgerError
 * `note-invalid` or `signature-invalid`.
 */
export function openSnapshotHead(note: Buffer, key: VerifierKey): SnapshotHead {
  const { text } = openNote(note, key);
  const [, origin = "", size, root = "", code = "", bytes, hash = ""] = text.split("\n");
  const head = {
    origin,
    size: Number(size),
    root: Buffer.from(root, "hex"),
    code,
    bytes: Number(bytes),
    hash,
  };
  const isSound =
    [head.size, head.bytes].every((count) => Number.isSafeInteger(count) && count > 0) &&
    [root, code, hash].every((hex) => /^[0-9a-f]{64}$/u.test(hex));
  if (isSound && textOf(head) === text && origin === key.name) return head;
  throw new LedgerError("note-invalid", "not the head of a snapshot of this ledger's state");
}

function textOf({ origin, size, root, code, bytes, hash }: SnapshotHead): string {
  return `${[SNAPSHOT_FORMAT, origin, size, root.toString("hex"), code, bytes, hash].join("\n")}\n`;
}
