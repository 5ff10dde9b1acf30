import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";

export const SECRET_EXPECTED = "a secret: whsec_ and 24 to 64 random bytes in base64";

/** As the Standard Webhooks specification has it (section "Signature scheme"). */
const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** A file past this holds something else. */
const FILE_BYTES_MAX = 1024;

/** What is wrong with a file of secrets, in words that fit after its path's name. */
export class SecretFileError extends Error {
  override readonly name = "SecretFileError";
}

/** A receiver's secret as it is written, or undefined for what is none. */
export function parseSecret(text: string): string | undefined {
  const base64 = SECRET.exec(text)?.[1] ?? "";
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64") !== base64) return undefined; // spare bits
  return bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX ? text : undefined;
}

/** Reads the one secret in a file that only its owner can read. Throws SecretFileError. */
export function readSecretFile(path: string): string {
  const secret = parseSecret(readPrivately(path).trim());
  if (secret === undefined) throw new SecretFileError(`expected the file to hold ${SECRET_EXPECTED}`);
  return secret;
}

/** The mode is asked of what was opened, not of what the path may mean a moment later. */
function readPrivately(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    throw new SecretFileError("the file cannot be read");
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > FILE_BYTES_MAX)
      throw new SecretFileError(`expected a file of at most ${FILE_BYTES_MAX} bytes`);
    if ((stat.mode & 0o077) !== 0)
      throw new SecretFileError("others can read or write this file; run: chmod 600 on it");
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
