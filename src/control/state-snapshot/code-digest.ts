import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** All that decides what a state is: the compiled room imports nothing else (test/arch). */
const ACCESS_ROOM = fileURLToPath(new URL("../../access/", import.meta.url));

let own: string | undefined;

/**
 * SHA-256, hex, of this program's code that folds. Counted once: a process whose files are exchanged under it goes on with what it
 * has loaded, and must not call its state the new program's. Throws what the disk says.
 *
 * Known hole: files that are exchanged in the moment between their loading and this, as the process starts.
 */
export function ownCodeDigest(): string {
  return (own ??= codeDigest(ACCESS_ROOM));
}

/** The same of any folder. */
export function codeDigest(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".js"),
  );
  if (names.length === 0) throw new TypeError(`there is no code in ${folder}`);
  const hash = createHash("sha256");
  for (const name of names.sort()) {
    const bytes = readFileSync(join(folder, name));
    hash.update(`${JSON.stringify(name)} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest("hex");
}
