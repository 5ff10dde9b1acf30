import { CertificateError } from "./certificate-error.js";

/** Decodes RFC 4648 base64 with its padding. Throws `invalid-base64` for anything that would not encode back to `text`. */
export function decodeBase64(text: string): Buffer {
  const bytes = Buffer.from(text, "base64"); // lenient: skips what it does not know, hence the comparison
  if (bytes.toString("base64") !== text) throw new CertificateError("invalid-base64", "not canonical base64");
  return bytes;
}
