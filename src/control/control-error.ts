/** Why control cannot begin or cannot do what it was asked. Closed: a caller may switch over it. */
export type ControlErrorCode =
  | "key-invalid"
  | "key-exists"
  | "socket-taken" // another control serves this home
  | "unknown-name" // a host certificate for a name that is not ours to speak for
  | "not-its-session" // a proxy speaks of a session that is not its own
  | "too-many-logins" // one proxy names more connections than it can have
  | "login-blob-refused" // what a proxy wants signed is not the login of its session
  | "stopping" // whoever waits for something will not get it any more
  | "policy-changed" // a policy document that was kept says something else now
  | "no-auditor"; // recordings would be sealed to nobody

/** An operator's message: the peer sees nothing of it. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
