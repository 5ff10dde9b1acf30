import { writeFileSync } from "node:fs";
import { hasHome, makeHome, type HomePaths } from "../../home/index.js";
import { createAuthorityKeys, makeTokenKey } from "../../control/index.js";
import { EXIT } from "../../commands/index.js";
import {
  encodeAuditorPrivateKey,
  encodeAuditorPublicKey,
  generateAuditorKey,
} from "../../recording/index.js";
import { CliError } from "../cli-error.js";

/** Makes a home with the three CAs' keys and the one that signs tokens. Throws CliError when it has some: nothing is overwritten. */
export function makeAuthorities(home: string): HomePaths {
  const paths = makeHome(home);
  if (hasHome(paths)) throw new CliError(EXIT.failed, `${home} has its keys already; nothing was changed`);
  createAuthorityKeys(paths.keys);
  makeTokenKey(paths);
  return paths;
}

/** Public keys by name, as they stand in a configuration: who can read recordings, and who what was typed unseen. */
export interface NewAuditors {
  readonly sealTo: Readonly<Record<string, string>>;
  readonly sealApartTo: Readonly<Record<string, string>>;
}

/** Makes two auditors' keys in the home, for two people. */
export function makeAuditorKeys({ auditorKey, apartAuditorKey }: HomePaths): NewAuditors {
  return { sealTo: { auditor: makeKey(auditorKey) }, sealApartTo: { unsealer: makeKey(apartAuditorKey) } };
}

function makeKey(path: string): string {
  const key = generateAuditorKey();
  writeFileSync(path, encodeAuditorPrivateKey(key), { mode: 0o600, flag: "wx" });
  return encodeAuditorPublicKey(key);
}
