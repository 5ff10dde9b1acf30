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
  | "closed";

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
