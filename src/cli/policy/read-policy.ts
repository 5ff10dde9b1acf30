import { describeMistake, loadConfig, type Config } from "../../config/index.js";
import { printNote } from "../print.js";
import { keyParsers } from "../read-config.js";

/**
 * Reads a configuration for the policy in it, wherever it lies: secrets that it keeps in other files are left alone. What is
 * doubtful in it is said. Throws ConfigError.
 */
export async function readPolicy(path: string): Promise<Config> {
  const config = await loadConfig(path, {
    ...keyParsers,
    secretFile: () => undefined,
  });
  for (const warning of config.warnings) printNote(`bascule: doubt: ${describeMistake(path, warning)}`);
  return config;
}
