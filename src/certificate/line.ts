import { decodeBase64 } from "./base64.js";
import { decodeCertificate, type Certificate } from "./certificate.js";
import { CertificateError } from "./certificate-error.js";
import * as limits from "./limits.js";
import { decodePublicKey, type PublicKey } from "./public-key.js";

const LINE = /^(?<type>[!-~]+)[ \t]+(?<base64>[!-~]+)(?:[ \t]+(?<comment>.*))?$/u;
const CONTROL = /\p{Cc}/u;

/**
 * Parses a public-key line (`ssh-ed25519 AAAA… comment`), as in a `.pub` file or an inventory; no options before the
 * type. Throws `CertificateError`; `type-mismatch` when the line's type is not the blob's.
 */
export function parsePublicKeyLine(line: string): { key: PublicKey; comment: string } {
  const { type, blob, comment } = parseLine(line);
  const key = decodePublicKey(blob);
  checkType(type, key.type);
  return { key, comment };
}

/** Parses a certificate line, as in a `-cert.pub` file. Proves nothing about the signature. Throws `CertificateError`. */
export function parseCertificateLine(line: string): { certificate: Certificate; comment: string } {
  const { type, blob, comment } = parseLine(line);
  const certificate = decodeCertificate(blob);
  checkType(type, certificate.type);
  return { certificate, comment };
}

/** A public-key line without its line end. Throws `invalid-request` for a comment with control characters. */
export function encodePublicKeyLine(key: PublicKey, comment = ""): string {
  return encodeLine(key.type, key.blob, comment);
}

/** A certificate line without its line end. Throws as `encodePublicKeyLine`. */
export function encodeCertificateLine(certificate: Certificate, comment = ""): string {
  return encodeLine(certificate.type, certificate.blob, comment);
}

function parseLine(line: string): { type: string; blob: Buffer; comment: string } {
  if (line.length > limits.LINE_CHARS_MAX)
    throw new CertificateError("too-long", `line of ${line.length} characters`);
  const whole = line.replace(/\r?\n$/u, ""); // a file read whole brings its line end along
  const { type, base64, comment = "" } = LINE.exec(whole)?.groups ?? {};
  if (type === undefined || base64 === undefined || CONTROL.test(comment.trim()))
    throw new CertificateError("invalid-line", "a key line is: type, base64, comment");
  return { type, blob: decodeBase64(base64), comment: comment.trim() };
}

function checkType(said: string, is: string): void {
  if (said !== is) throw new CertificateError("type-mismatch", `the line says ${said}, its bytes ${is}`);
}

function encodeLine(type: string, blob: Buffer, comment: string): string {
  if (CONTROL.test(comment)) throw new CertificateError("invalid-request", "control characters in a comment");
  return `${type} ${blob.toString("base64")} ${comment.trim()}`.trimEnd();
}
