/** What can go wrong with a ledger. */
export type LedgerErrorCode =
  | "in-use" // another process has it open
  | "not-found" // there is no ledger at that place
  | "not-json" // an entry that canonical JSON cannot say
  | "entry-too-long"
  | "undecodable-entry" // whole and unchanged, but not an entry to this version
  | "missing-entry" // a number has no entry: something was lost or removed
  | "damaged-entry" // an entry whose hash, number or form is not what was written
  | "queue-full" // too much waits for the disk
  | "store-failed" // the store refused; the ledger takes nothing more until it is opened anew
  | "closed"
  | "note-invalid" // not a signed note, or not a key of one
  | "checkpoint-invalid" // a note, but not a checkpoint, or not of that log
  | "signature-invalid" // none by the key that was asked for, or one by it that does not verify
  | "tile-invalid"
  | "bundle-invalid"
  | "proof-invalid" // a proof that is malformed, or does not prove what it was to prove
  | "root-mismatch" // entries whose root is not the one that was signed for them
  | "journal-behind" // fewer entries than were signed for, and no way to have them back
  | "checkpoint-missing"; // entries, but no readable checkpoint of them

/** `index` is the entry's number, where one entry is at fault. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
  readonly code: LedgerErrorCode;
  readonly index: number | undefined;

  constructor(
    code: LedgerErrorCode,
    message: string,
    about: { readonly index?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: about.cause });
    this.code = code;
    this.index = about.index;
  }
}
