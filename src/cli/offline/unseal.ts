import { existsSync } from "node:fs";
import { EXIT } from "../../commands/index.js";
import {
  encodeRewrap,
  makeRewrap,
  parseAuditorPublicKey,
  readWrappedKeys,
  RecordingError,
} from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { printNote, printResult } from "../print.js";
import { auditorKeys } from "./auditor-keys.js";

export interface UnsealWish {
  /** The auditor's public key. */
  readonly to: string;
  /** A file with a key that opens what was typed unseen. */
  readonly key: string;
}

/**
 * Wraps the second key of a recording, that of what was typed on terminals, to an auditor, where somebody has it. Prints the
 * statement, which the bastion takes from a person who may unseal: who runs this has shown nobody who they are.
 */
export async function unsealCommand(
  path: string,
  { to, key }: UnsealWish,
  hints: HomeHints,
): Promise<number> {
  if (!existsSync(path))
    throw new CliError(
      EXIT.notFound,
      `there is no file ${path}`,
      "get it with: ssh BASTION export SESSION > SESSION.bsr",
    );
  const auditor = auditorOf(to);
  const wish = { to: [], apartTo: [auditor], remove: [] };
  const statement = await makeRewrap(path, await auditorKeys(key, hints), wish);
  if (statement === undefined) {
    printNote("it is unsealed for them already");
    return EXIT.failed;
  }
  const { bastion, session } = (await readWrappedKeys(path)).header;
  printNote("Nothing is unsealed yet. Hand the statement to the bastion, as an unsealer:");
  printNote(`  ssh ${bastion} unseal ${session} --for NAME --to ${to} --reason TEXT - < STATEMENT`);
  await printResult(encodeRewrap(statement));
  return EXIT.done;
}

function auditorOf(text: string): ReturnType<typeof parseAuditorPublicKey> {
  try {
    return parseAuditorPublicKey(text);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw new CliError(EXIT.usage, "--to: expected an auditor's public key, bascule-auditor:…");
  }
}
