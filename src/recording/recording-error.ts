/** Every way in which a recording can be bad, be refused or fail. Tests and callers look at the code, never at the text. */
export type RecordingErrorCode =
  // What is read is not a whole, true recording.
  | "not-a-recording" // the file does not begin with the magic line
  | "header-truncated" // the file ends before the header and the keys are complete
  | "header-invalid" // the header or the keys are not exactly what v1 says
  | "varint-invalid" // a number that is not minimal, or beyond 2^53 - 1
  | "block-too-long" // a block, or what it inflates to, is beyond its limit
  | "block-kind-unknown" // a kind that v1 does not have
  | "block-order" // a block where its kind must not be
  | "block-forged" // the seal does not open: changed, moved, or another key
  | "chunk-invalid" // a chunk of a stream block that v1 does not have
  | "deflate-invalid" // not exactly one deflate stream
  | "frame-invalid" // frames that v1 does not have
  | "end-misplaced" // an end frame elsewhere than last, or a last block without one
  | "substitute-invalid" // a substitute block that is not what v1 says
  | "head-mismatch" // the chain is not the one that was promised
  // Keys.
  | "key-not-for-us" // no given auditor key opens this recording
  | "key-commitment" // the key is not the one the header commits to
  | "auditor-key-invalid" // the text of an auditor's key is malformed
  // Writing and reading files.
  | "create-failed"
  | "write-failed"
  | "sync-failed"
  | "read-failed"
  | "replace-failed" // the changed file could not take the old one's place
  | "frame-too-long"
  | "closed"
  // Asking.
  | "channel-absent"; // the recording has no such channel

/**
 * What this room throws for everything that is not a programmer's mistake.
 * The message is an operator's; what a peer may see is the caller's to say.
 */
export class RecordingError extends Error {
  override readonly name = "RecordingError";
  readonly code: RecordingErrorCode;
  /** Where in the file, in bytes, when the failure has a place. */
  readonly offset: number | undefined;

  constructor(code: RecordingErrorCode, message: string, details: { offset?: number; cause?: unknown } = {}) {
    super(details.offset === undefined ? message : `${message} (at byte ${details.offset})`, {
      cause: details.cause,
    });
    this.code = code;
    this.offset = details.offset;
  }
}

/** Runs `read`; a RecordingError that knows no place gets `offset` as its place. */
export function placedAt<T>(offset: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RecordingError && error.offset === undefined)
      throw new RecordingError(error.code, error.message, { offset, cause: error.cause });
    throw error;
  }
}
