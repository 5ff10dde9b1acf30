/** Why a token proves nothing. Closed: a caller may switch over it. */
export type TokenErrorCode =
  | "malformed" // not one compact JWS with a plain header, or too long
  | "wrong-kind" // another type of token, another algorithm, or critical extensions
  | "wrong-signature"
  | "wrong-issuer" // nobody that we listen to
  | "wrong-audience"
  | "wrong-claims" // missing, ill-formed, or not what policy expects
  | "ambiguous" // it could be several identities
  | "expired"
  | "not-yet-valid"
  | "no-key" // the issuer has no such key
  | "issuer-unreachable" // its keys could not be had
  | "key-invalid"; // our own key file

/** An operator's message, without the token: whoever showed it reads none of this. */
export class TokenError extends Error {
  override readonly name = "TokenError";
  readonly code: TokenErrorCode;

  constructor(code: TokenErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
