import { createPrivateKey, type JsonWebKey, type JsonWebKeyInput, type PrivateKeyInput } from "node:crypto";
import sshpk from "sshpk";
import { CertificateError } from "./certificate-error.js";
import { algorithmsOf } from "./key-type.js";
import * as limits from "./limits.js";
import { checkPlainSection, isOpenSshFile, openEnvelope } from "./private-key-envelope.js";
import { privateKeyFrom, type PrivateKey } from "./signing-key.js";
import { verifySignature } from "./verify-signature.js";

/**
 * Parses a private-key file: OpenSSH's format (PROTOCOL.key) or PEM (PKCS#1, PKCS#8, SEC 1). The key has signed
 * something that its public half verified. Throws `CertificateError`: `invalid-private-key`,
 * `encrypted-private-key` when a passphrase is wanted, `key-mismatch`, and what a public key throws.
 */
export function parsePrivateKey(text: string, passphrase?: string): PrivateKey {
  if (text.length > limits.PRIVATE_KEY_CHARS_MAX) throw new CertificateError("too-long", "private-key file");
  const key = isOpenSshFile(text) ? parseOpenSsh(text, passphrase) : parsePem(text, passphrase);
  const probe = Buffer.from("do the halves match?");
  const [algorithm = ""] = algorithmsOf(key.public.type);
  if (!verifySignature(key.public, algorithm, key.sign(probe), probe).ok) throw mismatch();
  return key;
}

/** An unencrypted OpenSSH private-key file, to be kept with mode 0600. Throws `invalid-request` for a bad comment. */
export function encodePrivateKey(key: PrivateKey, comment = key.comment): string {
  if (/\p{Cc}/u.test(comment))
    throw new CertificateError("invalid-request", "control characters in a comment");
  const parsed = sshpk.parsePrivateKey(key.object.export({ format: "pem", type: "pkcs8" }), "pkcs8");
  parsed.comment = comment;
  return parsed.toString("openssh");
}

function parsePem(text: string, passphrase: string | undefined): PrivateKey {
  if (passphrase === undefined && text.includes("ENCRYPTED")) throw encrypted();
  return importKey({ key: text, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) }, "");
}

function parseOpenSsh(text: string, passphrase: string | undefined): PrivateKey {
  const envelope = openEnvelope(text);
  const isPlain = envelope.cipher === "none";
  if (!isPlain && passphrase === undefined) throw encrypted();
  const parsed = readWithSshpk(text, passphrase);
  const comment = parsed.comment ?? "";
  if (isPlain) checkPlainSection(envelope.section, parsed.toBuffer("rfc4253"), comment);
  const key = importKey(importable(parsed), comment);
  // sshpk compares none of the public halves: the file's outer one, its inner one, and the one the private half has
  const inner = parsed.toPublic().toBuffer("rfc4253");
  if (!key.public.blob.equals(envelope.publicBlob) || !key.public.blob.equals(inner)) throw mismatch();
  return key;
}

function readWithSshpk(text: string, passphrase: string | undefined): sshpk.PrivateKey {
  try {
    return sshpk.parsePrivateKey(text, "openssh", {
      filename: "",
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    throw refusal(cause);
  }
}

function importKey(input: PrivateKeyInput | JsonWebKeyInput, comment: string): PrivateKey {
  try {
    return privateKeyFrom(createPrivateKey(input), comment);
  } catch (cause) {
    throw cause instanceof CertificateError ? cause : refusal(cause);
  }
}

/** What sshpk read, as node:crypto takes it: sshpk's own PKCS#8, which for ed25519 OpenSSL does not understand. */
function importable(parsed: sshpk.PrivateKey): PrivateKeyInput | JsonWebKeyInput {
  if (parsed.type !== "ed25519") return { key: parsed.toString("pkcs8"), format: "pem" };
  const member = (wanted: string): string | undefined =>
    parsed.parts.find(({ name }) => name === wanted)?.data.toString("base64url");
  return { key: { kty: "OKP", crv: "Ed25519", x: member("A"), d: member("k") } as JsonWebKey, format: "jwk" };
}

function refusal(cause: unknown): CertificateError {
  return new CertificateError("invalid-private-key", "damaged, of an unknown format, or a wrong passphrase", {
    cause,
  });
}

function encrypted(): CertificateError {
  return new CertificateError(
    "encrypted-private-key",
    "the private key is encrypted; a passphrase is wanted",
  );
}

function mismatch(): CertificateError {
  return new CertificateError("key-mismatch", "the private key and its public half do not belong together");
}
