import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** 256 bits in base64url. */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/**
 * The word by which control knows its proxies. It stays in the home (0600), so that a proxy whose supervisor was killed is still
 * known to the control of the next one, which can then cut what it carries.
 */
export function proxyToken(home: string): string {
  const path = join(home, "proxy-token");
  const fresh = randomBytes(32).toString("base64url");
  try {
    writeFileSync(path, `${fresh}\n`, { mode: 0o600, flag: "wx" });
    return fresh;
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
  const kept = readFileSync(path, "utf8").trim();
  if (TOKEN.test(kept)) return kept;
  writeFileSync(path, `${fresh}\n`); // a power failure between making and writing it
  return fresh;
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}
