/** What can be wrong with a value that comes into this room. */
export type AccessErrorCode =
  | "wrong-type" // not the JSON type that belongs there
  | "missing-field"
  | "unknown-field"
  | "unknown-event" // an event type that this version does not know: never skipped, never guessed at
  | "bad-value" // right type, wrong content
  | "bad-name"
  | "bad-text"
  | "bad-id"
  | "too-long"
  | "impossible-event"; // well formed, but about something that never happened

/** Bad input or an impossible event; `path` says where in the value (`event.grant.untilMs`). */
export class AccessError extends Error {
  override readonly name = "AccessError";
  readonly code: AccessErrorCode;
  readonly path: string;

  constructor(code: AccessErrorCode, path: string, message: string) {
    super(`${path}: ${message}`);
    this.code = code;
    this.path = path;
  }
}
