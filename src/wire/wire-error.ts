/** Why bytes are not what RFC 4251 section 5 says they should be. Closed. */
export type WireErrorCode =
  "truncated" | "trailing-bytes" | "too-long" | "invalid-text" | "invalid-boolean" | "invalid-integer";

/** What a `WireReader` throws; `message` says where, for the operator. */
export class WireError extends Error {
  override readonly name = "WireError";
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
