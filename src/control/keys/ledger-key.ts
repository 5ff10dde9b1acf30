import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { encodeSigner, generateSigner, LedgerError, parseSigner, type Signer } from "../../ledger/index.js";
import { ControlError } from "../control-error.js";
import { checkSecretFile } from "../../home/index.js";
import { writeNew } from "./key-file.js";

/** Tells this log from any other of a bastion with the same name, as its origin must (C2SP tlog-checkpoint). */
const ORIGIN_RANDOM_BYTES = 4;

/**
 * Makes the key that signs the ledger's checkpoints, for its owner only. Its name, which is the log's origin for ever, is
 * `<bastion>/<8 hex>`. Throws ControlError `key-exists`, and TypeError for a name that no key can have.
 */
export function makeLedgerKey(path: string, bastion: string): void {
  const origin = `${bastion}/${randomBytes(ORIGIN_RANDOM_BYTES).toString("hex")}`;
  writeNew(path, `${encodeSigner(generateSigner(origin))}\n`, 0o600);
}

/** Throws HomeError `key-missing`, `key-open`, `home-foreign`, ControlError `key-invalid`. */
export function openLedgerKey(path: string): Signer {
  checkSecretFile(path);
  const signer = parse(path);
  if (signer.verifier.type === "ed25519") return signer;
  throw new ControlError("key-invalid", `${path}: a witness' key; a log's own is another`);
}

function parse(path: string): Signer {
  try {
    return parseSigner(readFileSync(path, "utf8").replace(/\n$/u, ""));
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new ControlError("key-invalid", `${path}: ${cause.message}`, { cause });
  }
}
