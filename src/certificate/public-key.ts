import { createHash, type KeyObject } from "node:crypto";
import { CertificateError } from "./certificate-error.js";
import { isKeyType, type KeyType } from "./key-type.js";
import {
  keyObjectOf,
  materialOf,
  readKeyMaterial,
  writeKeyMaterial,
  type KeyMaterial,
} from "./key-material.js";
import * as limits from "./limits.js";
import { WireReader, WireWriter } from "./wire.js";

/** A plain public key whose numbers have been checked. Two keys are the same if their blobs are. */
export interface PublicKey {
  readonly type: KeyType;
  /** SSH wire form (RFC 4253 section 6.6), as in a login and, in base64, in a line. */
  readonly blob: Buffer;
  readonly material: KeyMaterial;
  /** What a hardware key is bound to (`ssh:`…); undefined for keys in software. */
  readonly application: string | undefined;
  /** For node:crypto; made when first asked for, and kept. */
  readonly object: KeyObject;
}

class CheckedPublicKey implements PublicKey {
  readonly type: KeyType;
  readonly blob: Buffer;
  readonly material: KeyMaterial;
  readonly application: string | undefined;
  #object: KeyObject | undefined;

  constructor(type: KeyType, blob: Buffer, material: KeyMaterial, application?: string) {
    this.type = type;
    this.blob = blob;
    this.material = material;
    this.application = application;
  }

  get object(): KeyObject {
    return (this.#object ??= keyObjectOf(this.material));
  }
}

/**
 * Decodes a plain public key from its SSH wire form; `blob` is copied. Re-encodes to the same bytes, since every
 * field has one encoding only. Throws `CertificateError`, `unsupported-type` also for a certificate.
 */
export function decodePublicKey(blob: Buffer): PublicKey {
  if (blob.length > limits.PUBLIC_KEY_BYTES_MAX)
    throw new CertificateError("too-long", `public key of ${blob.length} bytes`);
  const reader = new WireReader(Buffer.from(blob));
  const type = reader.text(limits.NAME_BYTES_MAX);
  if (!isKeyType(type)) throw new CertificateError("unsupported-type", `key type ${JSON.stringify(type)}`);
  const key = readPublicKeyFields(type, reader);
  reader.end();
  return key;
}

/** Reads what follows the type name (and, in a certificate, the nonce): the key's numbers and its application. */
export function readPublicKeyFields(type: KeyType, reader: WireReader): PublicKey {
  const start = reader.position;
  const material = readKeyMaterial(type, reader);
  const application = type.startsWith("sk-") ? reader.text(limits.APPLICATION_BYTES_MAX) : undefined;
  const blob = new WireWriter().string(type).raw(reader.since(start)).finish();
  return new CheckedPublicKey(type, blob, material, application);
}

/** The fields that `readPublicKeyFields` reads. */
export function writePublicKeyFields(key: PublicKey, writer: WireWriter): WireWriter {
  writeKeyMaterial(key.material, writer);
  return key.application === undefined ? writer : writer.string(key.application);
}

/** The public half of a node:crypto key. Throws `CertificateError` for a key we would refuse to read. */
export function publicKeyFrom(object: KeyObject): PublicKey {
  const { type, material } = materialOf(object);
  return decodePublicKey(writeKeyMaterial(material, new WireWriter().string(type)).finish());
}

/** `SHA256:` and unpadded base64, as OpenSSH prints it, of a plain key or of its blob. */
export function fingerprint(key: PublicKey | Buffer): string {
  const blob = Buffer.isBuffer(key) ? key : key.blob;
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace("=", "")}`;
}
