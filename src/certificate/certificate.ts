import { CertificateError } from "./certificate-error.js";
import { certificateTypeOf, keyTypeOfCertificate, type CertificateType } from "./key-type.js";
import * as limits from "./limits.js";
import { decodeOptions, encodeOptions, type Options } from "./options.js";
import { decodePublicKey, readPublicKeyFields, writePublicKeyFields, type PublicKey } from "./public-key.js";
import { WireReader, WireWriter } from "./wire.js";

export type CertificateKind = "user" | "host";

/** What a certificate authority signs (PROTOCOL.certkeys). Times are seconds since 1970 as uint64. */
export interface CertificateFields {
  readonly nonce: Buffer;
  /** The key that is certified. */
  readonly key: PublicKey;
  readonly serial: bigint;
  readonly kind: CertificateKind;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** The first second it is good in. */
  readonly validAfter: bigint;
  /** The first second it is no longer good in; `VALID_FOREVER` never comes. */
  readonly validBefore: bigint;
  readonly criticalOptions: Options;
  readonly extensions: Options;
  /** The authority's key, as the certificate claims it. */
  readonly signatureKey: PublicKey;
}

/** A decoded certificate. **Nothing in it is proven** until `verifyCertificate` has said so; text may hold control characters. */
export interface Certificate extends CertificateFields {
  readonly type: CertificateType;
  /** The authority's signature in SSH wire form, not yet looked into. */
  readonly signature: Buffer;
  /** The bytes the signature covers: all before it. */
  readonly signedBytes: Buffer;
  /** The whole certificate. */
  readonly blob: Buffer;
}

/** `valid before` of a certificate that does not expire. */
export const VALID_FOREVER = 0xffff_ffff_ffff_ffffn;

const KINDS: readonly CertificateKind[] = ["user", "host"]; // SSH_CERT_TYPE_USER is 1, SSH_CERT_TYPE_HOST is 2

/**
 * Decodes a certificate of any type in `CertificateType`; `blob` is copied. What decodes re-encodes to the same bytes.
 * Proves nothing about the signature. Throws `CertificateError`.
 */
export function decodeCertificate(blob: Buffer): Certificate {
  if (blob.length > limits.CERTIFICATE_BYTES_MAX)
    throw new CertificateError("too-long", `certificate of ${blob.length} bytes`);
  const reader = new WireReader(Buffer.from(blob));
  const keyType = keyTypeOfCertificate(reader.text(limits.NAME_BYTES_MAX));
  if (keyType === undefined)
    throw new CertificateError("unsupported-type", "not a certificate of a known type");
  const fields: CertificateFields = {
    nonce: reader.string(limits.NONCE_BYTES_MAX),
    key: readPublicKeyFields(keyType, reader),
    serial: reader.uint64(),
    kind: decodeKind(reader.uint32()),
    keyId: reader.text(limits.KEY_ID_BYTES_MAX),
    principals: decodePrincipals(reader.string(limits.CERTIFICATE_BYTES_MAX)),
    validAfter: reader.uint64(),
    validBefore: reader.uint64(),
    criticalOptions: decodeOptions(reader.string(limits.CERTIFICATE_BYTES_MAX)),
    extensions: decodeOptions(reader.string(limits.CERTIFICATE_BYTES_MAX)),
    signatureKey: decodeAuthority(reader),
  };
  const signedBytes = reader.since(0);
  const signature = reader.string(limits.SIGNATURE_BYTES_MAX);
  reader.end();
  return { type: certificateTypeOf(keyType), ...fields, signature, signedBytes, blob: reader.since(0) };
}

function decodeKind(value: number): CertificateKind {
  const kind = KINDS[value - 1];
  if (kind === undefined) throw new CertificateError("invalid-kind", `certificate kind ${value}`);
  return kind;
}

function decodePrincipals(field: Buffer): string[] {
  const reader = new WireReader(field);
  const principals: string[] = [];
  while (reader.remaining > 0) {
    if (principals.length === limits.PRINCIPALS_MAX) throw new CertificateError("too-many", "principals");
    principals.push(reader.text(limits.PRINCIPAL_BYTES_MAX));
  }
  return principals;
}

function decodeAuthority(reader: WireReader): PublicKey {
  const reserved = reader.string(limits.CERTIFICATE_BYTES_MAX);
  if (reserved.length > 0)
    throw new CertificateError("reserved-not-empty", "the reserved field is not empty");
  const blob = reader.string(limits.CERTIFICATE_BYTES_MAX);
  const type = new WireReader(blob).text(limits.NAME_BYTES_MAX);
  if (keyTypeOfCertificate(type) !== undefined)
    throw new CertificateError("certificate-as-ca", "signed by a certificate; chains are not allowed");
  return decodePublicKey(blob);
}

/** The bytes that the authority signs. Throws `too-many`. */
export function encodeSignedBytes(fields: CertificateFields): Buffer {
  const principals = new WireWriter();
  for (const principal of fields.principals) principals.string(principal);
  const writer = new WireWriter().string(certificateTypeOf(fields.key.type)).string(fields.nonce);
  return writePublicKeyFields(fields.key, writer)
    .uint64(fields.serial)
    .uint32(KINDS.indexOf(fields.kind) + 1)
    .string(fields.keyId)
    .string(principals.finish())
    .uint64(fields.validAfter)
    .uint64(fields.validBefore)
    .string(encodeOptions(fields.criticalOptions))
    .string(encodeOptions(fields.extensions))
    .string("") // reserved
    .string(fields.signatureKey.blob)
    .finish();
}

/** A whole certificate from its fields and the authority's signature over them. */
export function encodeCertificate(fields: CertificateFields, signature: Buffer): Buffer {
  return new WireWriter().raw(encodeSignedBytes(fields)).string(signature).finish();
}
