import { readFileSync, writeFileSync } from "node:fs";
import {
  CertificateError,
  encodePrivateKey,
  encodePublicKeyLine,
  parsePrivateKey,
  type PrivateKey,
} from "../../certificate/index.js";
import { ControlError } from "../control-error.js";
import { checkSecretFile } from "../../home/index.js";

/** Reads a private key that only its owner can. Throws HomeError `key-missing`, `key-open`, ControlError `key-invalid`. */
export function readKeyFile(path: string): PrivateKey {
  checkSecretFile(path);
  try {
    return parsePrivateKey(readFileSync(path, "utf8"));
  } catch (cause) {
    if (!(cause instanceof CertificateError)) throw cause;
    throw new ControlError("key-invalid", `${path}: ${cause.message}`, { cause });
  }
}

/** Writes a new private key (0600) and its public line beside it. Throws ControlError `key-exists`; overwrites nothing. */
export function writeKeyFile(path: string, key: PrivateKey, comment: string): void {
  writeNew(path, encodePrivateKey(key, comment), 0o600);
  writeNew(`${path}.pub`, `${encodePublicKeyLine(key.public, comment)}\n`, 0o644);
}

/** Throws ControlError `key-exists`; overwrites nothing. */
export function writeNew(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: "wx" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    throw new ControlError("key-exists", `${path} is there already; it is not overwritten`, { cause });
  }
}
