import { fingerprint, parsePublicKeyLine } from "../../certificate/index.js";
import { describeMistake, loadConfig, type Config } from "../../config/index.js";
import { checkWitnessKey } from "../../control/index.js";
import { printNote } from "../print.js";

/**
 * Reads a configuration for the policy in it, wherever it lies: secrets that it keeps in other files are left alone. What is
 * doubtful in it is said. Throws ConfigError.
 */
export async function readPolicy(path: string): Promise<Config> {
  const config = await loadConfig(path, {
    witnessKey: checkWitnessKey,
    publicKey: (line) => ({ fingerprint: fingerprint(parsePublicKeyLine(line).key) }),
    secretFile: () => undefined,
  });
  for (const warning of config.warnings) printNote(`bascule: doubt: ${describeMistake(path, warning)}`);
  return config;
}
