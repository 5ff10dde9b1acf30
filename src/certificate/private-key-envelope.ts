import { decodeBase64 } from "./base64.js";
import { CertificateError } from "./certificate-error.js";
import * as limits from "./limits.js";
import { WireReader, WireWriter } from "./wire.js";

const HEADER = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
const FOOTER = "\n-----END OPENSSH PRIVATE KEY-----\n";
const MAGIC = Buffer.from("openssh-key-v1\0");
/** Padding of an unencrypted section (PROTOCOL.key): to this, with 1, 2, 3, … */
const BLOCK_BYTES = 8;

/** The outside of an OpenSSH private-key file (PROTOCOL.key), one key in it. */
export interface Envelope {
  readonly cipher: string;
  readonly publicBlob: Buffer;
  /** The private section: plain when the cipher is `none`. */
  readonly section: Buffer;
}

export function isOpenSshFile(text: string): boolean {
  return text.startsWith(HEADER);
}

/** Opens the outside strictly. Throws `invalid-base64`, `invalid-private-key` and what the wire throws. */
export function openEnvelope(text: string): Envelope {
  if (!text.endsWith(FOOTER)) throw damaged("no last line");
  const reader = new WireReader(decodeBase64(text.slice(HEADER.length, -FOOTER.length).replaceAll("\n", "")));
  if (!reader.raw(MAGIC.length).equals(MAGIC)) throw damaged("not openssh-key-v1");
  const cipher = reader.text(limits.NAME_BYTES_MAX);
  reader.text(limits.NAME_BYTES_MAX); // key derivation and its options: sshpk's affair
  reader.string(limits.NAME_BYTES_MAX);
  if (reader.uint32() !== 1) throw damaged("not exactly one key");
  const publicBlob = reader.string(limits.PUBLIC_KEY_BYTES_MAX);
  const section = reader.string(limits.PRIVATE_KEY_CHARS_MAX);
  reader.end();
  return { cipher, publicBlob, section };
}

/**
 * Checks that an unencrypted private section is nothing but this key and this comment: sshpk looks neither at the padding,
 * nor at the second public half behind an ed25519 seed. Throws `invalid-private-key`.
 */
export function checkPlainSection(section: Buffer, keyFields: Buffer, comment: string): void {
  const check = section.subarray(0, 4); // any number, twice
  const content = new WireWriter().raw(check).raw(check).raw(keyFields).string(comment).finish();
  const padding = Buffer.of(1, 2, 3, 4, 5, 6, 7).subarray(0, -content.length & (BLOCK_BYTES - 1));
  if (!section.equals(Buffer.concat([content, padding])))
    throw damaged("the private section is not as it is written");
}

function damaged(what: string): CertificateError {
  return new CertificateError("invalid-private-key", `OpenSSH private key: ${what}`);
}
