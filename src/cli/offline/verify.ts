import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { AccessError, emptyState, fold, parseAccessEvent, type State } from "../../access/index.js";
import { checkSession, EXIT, linesText } from "../../commands/index.js";
import { ConfigError, readConfig } from "../../control/index.js";
import { LedgerError, verifyLedger } from "../../ledger/index.js";
import {
  openRecording,
  RecordingError,
  verifyRecording,
  type AuditorPrivateKey,
} from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import { CONFIG_NAME } from "../init/init.js";
import { printJson, printNote, printResult } from "../print.js";
import { auditorKeys } from "./auditor-keys.js";

interface Checked {
  readonly path: string;
  readonly ok: boolean;
  readonly detail: string;
}

/**
 * Checks recordings, and a ledger, from their files alone: no bastion. A home's recordings are held against its ledger's
 * promises; others are proven whole and, with a key, sealed as they were, but not to be all there were.
 */
export async function verifyFiles(
  paths: readonly string[],
  { json, key }: { readonly json: boolean; readonly key: string | undefined },
): Promise<number> {
  const keys = key === undefined ? undefined : await auditorKeys(key, {});
  const checked: Checked[] = [];
  for (const path of paths) {
    if (!existsSync(path)) throw new CliError(EXIT.notFound, `there is no ${path}`);
    const ledger = ledgerOf(path);
    if (ledger === undefined)
      for (const file of recordingsBelow(path)) checked.push(await checkAlone(file, keys));
    else checked.push(...(await checkWithLedger(ledger, await recordingsOf(path), keys)));
  }
  if (keys === undefined && paths.some((path) => ledgerOf(path) === undefined))
    printNote(
      "without its ledger or --key, a recording is checked for its form: not every changed byte is seen",
    );
  const faults = checked.filter(({ ok }) => !ok);
  const lines = checked.map(({ path, ok, detail }) => `${ok ? "ok" : "WRONG"}  ${path}  ${detail}`);
  if (json) await printJson(checked);
  else await printResult(linesText([...lines, `${checked.length} checked, ${faults.length} at fault`]));
  if (faults.length === 0) return EXIT.done;
  const isLockedOut = faults.every(({ detail }) => detail.startsWith("key-not-for-us"));
  return isLockedOut ? EXIT.notPermitted : EXIT.verificationFailed;
}

function recordingsBelow(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path, { recursive: true, encoding: "utf8" });
  return names
    .filter((name) => name.endsWith(".bsr"))
    .sort()
    .map((name) => join(path, name));
}

function ledgerOf(path: string): string | undefined {
  const candidates = [join(path, "journal"), path];
  return candidates.find((folder) => existsSync(join(folder, "CURRENT"))); // LevelDB's own file
}

/** Where a home keeps its recordings: where its configuration says, else beside the ledger. */
async function recordingsOf(home: string): Promise<string | undefined> {
  try {
    return (await readConfig(join(home, CONFIG_NAME))).recordings;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const usual = join(home, "recordings");
    return existsSync(usual) ? resolve(usual) : undefined;
  }
}

async function checkWithLedger(
  ledger: string,
  recordings: string | undefined,
  keys: readonly AuditorPrivateKey[] | undefined,
): Promise<Checked[]> {
  const { entry, state } = await checkLedger(ledger);
  if (recordings === undefined || state === undefined) {
    const alone = recordings === undefined ? [] : recordingsBelow(recordings);
    return [entry, ...(await Promise.all(alone.map((file) => checkAlone(file, keys))))];
  }
  const checked: Checked[] = [entry];
  const known = new Set<string>();
  for (const session of state.sessions.values()) {
    const path = join(recordings, session.recording);
    known.add(path);
    const fault = await checkSession(path, session);
    if (fault === "nothing-recorded") continue;
    checked.push(
      fault === undefined
        ? await checkAlone(path, keys)
        : { path, ok: false, detail: `${session.session}, ${fault.code}: ${fault.detail}` },
    );
  }
  for (const path of recordingsBelow(recordings))
    if (!known.has(path))
      checked.push({ path, ok: false, detail: `the ledger has no session ${basename(path, ".bsr")}` });
  return checked;
}

/** What a recording proves by itself. Its name is part of it where it is a session's. */
async function checkAlone(path: string, keys: readonly AuditorPrivateKey[] | undefined): Promise<Checked> {
  try {
    const { blocks, bytes, state, header, tornBytes } = await verifyRecording(path);
    const named = basename(path, ".bsr");
    if (named.startsWith("ses-") && named !== header.session)
      return { path, ok: false, detail: `other-session: it is the recording of ${header.session}` };
    if (keys !== undefined) await openSeals(path, keys);
    const torn = tornBytes > 0 ? `, ${tornBytes} bytes of an unfinished block` : "";
    const end = state === "ended" ? "" : ", without an end";
    return { path, ok: true, detail: `${header.session}, ${blocks} blocks, ${bytes} bytes${end}${torn}` };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { path, ok: false, detail: `${error.code}: ${error.message}` };
  }
}

/** Every seal is bound to all that stands before it, so that a changed byte anywhere keeps one from opening. */
async function openSeals(path: string, keys: readonly AuditorPrivateKey[]): Promise<void> {
  const reader = await openRecording(path, keys);
  try {
    const frames = reader.frames();
    while ((await frames.next()).done !== true);
  } finally {
    await reader.close();
  }
}

async function checkLedger(path: string): Promise<{ entry: Checked; state?: State }> {
  const state = emptyState();
  try {
    const { entries } = await verifyLedger(path, {
      onEntry: (_index, atMs, entry) => fold(state, parseAccessEvent(entry), atMs),
    });
    return { entry: { path, ok: true, detail: `${entries} entries` }, state };
  } catch (error) {
    if (error instanceof AccessError) return { entry: { path, ok: false, detail: error.message } };
    if (!(error instanceof LedgerError)) throw error;
    if (error.code === "in-use")
      throw new CliError(EXIT.tryLater, `${path} is in use by a running bastion`, "ask it: bascule verify");
    return { entry: { path, ok: false, detail: `${error.code}: ${error.message}` } };
  }
}
