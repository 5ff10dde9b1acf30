/** Decodes RFC 4648 base64 with its padding; undefined for anything that would not encode back to `text`. */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64"); // lenient: skips what it does not know, hence the comparison
  return bytes.toString("base64") === text ? bytes : undefined;
}
