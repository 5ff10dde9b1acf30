import { constants } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { policyDocument, type Config } from "../config/index.js";
import { ControlError } from "./control-error.js";
import type { HomePaths } from "../home/index.js";
import { syncFolder } from "./sync-folder.js";

/** Where the document with that hash lies among the ledger's files. */
export function policyPath(ledger: string, hash: string): string {
  return join(ledger, "policy", `${hash}.json`);
}

/**
 * Keeps the policy document under its hash, durable before an entry may name it; one that is there stays. It is written beside the
 * ledger's folder, in which every byte is evidence, and moved in whole. Throws ControlError `policy-changed` for a document that
 * is there and says something else.
 */
export async function keepPolicy({ home, ledger }: HomePaths, config: Config): Promise<void> {
  const document = policyDocument(config);
  const path = policyPath(ledger, config.policy.hash);
  const held = await readFile(path, "utf8").catch(absent);
  if (held === document) return;
  if (held !== undefined)
    throw new ControlError("policy-changed", `${path} is no longer the policy document that it was`);
  const folder = dirname(path);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const beside = join(home, "policy.new");
  const file = await open(beside, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    await file.writeFile(document);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  for (const changed of [folder, ledger, home]) await syncFolder(changed);
}

function absent(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  return undefined;
}
