import { writeFileSync } from "node:fs";
import { createAuthorityKeys, hasHome, makeHome, makeTokenKey, type HomePaths } from "../../control/index.js";
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

/** Makes an auditor's key in the home, and gives its public half as it stands in a configuration. */
export function makeAuditorKey({ auditorKey }: HomePaths): string {
  const key = generateAuditorKey();
  writeFileSync(auditorKey, encodeAuditorPrivateKey(key), { mode: 0o600, flag: "wx" });
  return encodeAuditorPublicKey(key);
}
