/** What can go wrong with a witness, on either side. */
export type WitnessErrorCode =
  | "submission-invalid" // not the body of an add-checkpoint request
  | "state-invalid" // a state that is not what a witness wrote
  | "state-foreign" // the state of a witness with another key
  | "state-missing" // a folder that was used, without its state
  | "state-untrusted" // a checkpoint in the state that no given key of its log signed
  | "state-in-use" // another process works in that folder
  | "state-failed" // the disk refused; nothing more is signed until the state is read anew
  | "log-invalid" // a verifier key that is no log's
  | "key-invalid"; // a signing key that is no witness'

/** `message` is for the operator. */
export class WitnessError extends Error {
  override readonly name = "WitnessError";
  readonly code: WitnessErrorCode;

  constructor(code: WitnessErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
