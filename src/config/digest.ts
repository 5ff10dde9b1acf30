import { createHash } from "node:crypto";

/** Hex SHA-256 of the file's bytes, as `sha256sum` prints it: anyone who has the file can tell that it was this one. */
export function configDigest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
