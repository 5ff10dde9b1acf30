import { fingerprint, parsePublicKeyLine } from "../certificate/index.js";
import { checkWitnessKey } from "./witnesses/open-witnesses.js";
import { loadConfig, type Config } from "../config/index.js";

/** Loads the configuration, its keys read as we read keys. Throws ConfigError with every mistake. */
export function readConfig(path: string): Promise<Config> {
  return loadConfig(path, {
    witnessKey: checkWitnessKey,
    publicKey: (line) => ({ fingerprint: fingerprint(parsePublicKeyLine(line).key) }),
  });
}
