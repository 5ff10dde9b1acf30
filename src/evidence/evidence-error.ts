/** Why evidence cannot be judged at all; what is judged and found wrong is an EvidenceFault. */
export type EvidenceErrorCode =
  | "not-found" // there is no evidence at that place
  | "unreadable" // the file system, or the server, refuses
  | "unreachable" // no server answers, or not in time
  | "not-trusted" // who answers there cannot show that they are who is asked for
  | "address-invalid" // what was given as an address is none, or one that points elsewhere
  | "too-large" // more than anything that Bascule makes would be
  | "verifier-invalid"; // what was given as a verifier key is none

/** `where` is the file or the address in question. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
  readonly code: EvidenceErrorCode;
  readonly where: string | undefined;

  constructor(
    code: EvidenceErrorCode,
    message: string,
    about: { readonly where?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: about.cause });
    this.code = code;
    this.where = about.where;
  }
}
