import { fingerprint, parsePublicKeyLine } from "../certificate/index.js";
import { loadConfig, type Config } from "../config/index.js";
import { parseVerifierKey } from "../ledger/index.js";

/** Loads the configuration, its keys read as we read keys. Throws ConfigError with every mistake. */
export function readConfig(path: string): Promise<Config> {
  return loadConfig(path, keyParsers);
}

/** How keys in a configuration are read. */
export const keyParsers = {
  publicKey: (line: string) => ({ fingerprint: fingerprint(parsePublicKeyLine(line).key) }),
  /** Throws LedgerError `note-invalid`, and TypeError for a log's key. */
  witnessKey: (text: string) => {
    if (parseVerifierKey(text).type !== "cosignature")
      throw new TypeError("it is a log's key, not a witness'");
  },
};
