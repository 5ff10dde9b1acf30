/** Why a home, or a secret in it, is not fit to be used. Closed: a caller may switch over it. */
export type HomeErrorCode =
  | "home-missing"
  | "home-open" // others can read it
  | "home-foreign" // it belongs to somebody else
  | "key-missing"
  | "key-open"
  | "socket-path-too-long";

/** An operator's message: the peer sees nothing of it. */
export class HomeError extends Error {
  override readonly name = "HomeError";
  readonly code: HomeErrorCode;

  constructor(code: HomeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
