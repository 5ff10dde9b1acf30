/** Why bytes, a line, a request or a private key were refused. Closed: a caller may switch over it. */
export type CertificateErrorCode =
  // the SSH wire
  | "truncated"
  | "trailing-bytes"
  | "too-long"
  | "too-many"
  | "invalid-text"
  | "invalid-boolean"
  | "invalid-integer"
  // lines
  | "invalid-base64"
  | "invalid-line"
  | "type-mismatch"
  // keys
  | "unsupported-type"
  | "wrong-curve"
  | "invalid-point"
  | "wrong-key-length"
  | "invalid-rsa-key"
  | "rsa-too-small"
  // certificates
  | "certificate-as-ca"
  | "invalid-kind"
  | "unsorted-options"
  | "duplicate-option"
  | "reserved-not-empty"
  | "invalid-address"
  // what we were asked to write
  | "invalid-request"
  // private keys
  | "invalid-private-key"
  | "encrypted-private-key"
  | "key-mismatch";

/** The only error this room throws for bad input. `message` is the operator's; a peer may see `peerMessage`. */
export class CertificateError extends Error {
  override readonly name = "CertificateError";
  /** Tells a stranger nothing about which byte displeased us. */
  readonly peerMessage = "the key or certificate is malformed";
  readonly code: CertificateErrorCode;

  constructor(code: CertificateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
