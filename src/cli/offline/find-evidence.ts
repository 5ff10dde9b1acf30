import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { homePaths } from "../../home/index.js";
import { CONFIG_NAME } from "../config-name.js";
import { EXIT } from "../../commands/index.js";
import { homeSource, urlSource, type EvidenceSource, type OlderCheckpoint } from "../../evidence/index.js";
import { encodeVerifierKey, LedgerError, parseNote, parseVerifierKey } from "../../ledger/index.js";
import { CliError } from "../cli-error.js";

/** Largest file that a key, a token or a checkpoint may come from. */
const SMALL_FILE_BYTES_MAX = 256 * 1024;

/** What is to be verified, and whether a bastion is at work on it. */
export interface FoundEvidence {
  readonly source: EvidenceSource;
  readonly isInUse: boolean;
}

/** Where things lie that are not below the home. */
export interface EvidencePlaces {
  readonly recordings?: string;
  readonly archive?: string;
}

export function isAddress(what: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//iu.test(what);
}

/** The evidence at an address. */
export function evidenceAt(address: string, tokenFile: string | undefined): FoundEvidence {
  const named = process.env["BASCULE_TOKEN"];
  const token = tokenFile === undefined ? named : readSmallFile(tokenFile).trim();
  return {
    source: urlSource(address, token === undefined || token === "" ? {} : { token }),
    isInUse: true, // it may be a bastion's own address
  };
}

/** Whether a folder has a ledger in it, or the entries of a session's bundle. */
export function hasLedger(path: string): boolean {
  if (!statSync(path).isDirectory()) return false;
  return [homePaths(path).ledger, join(path, "entries")].some((folder) => existsSync(folder));
}

/**
 * A home, or a copy of one. Its recordings are those below it; only when there are none, those that its configuration names: a copy's
 * configuration may point at the originals.
 */
export async function evidenceIn(home: string, places: EvidencePlaces): Promise<FoundEvidence> {
  const below = join(home, "recordings");
  const configured = await configuredPlaces(home);
  const recordings = places.recordings ?? (existsSync(below) ? below : (configured.recordings ?? below));
  const archiveBelow = join(home, "archive");
  const archive = places.archive ?? (existsSync(archiveBelow) ? archiveBelow : configured.archive);
  return {
    source: homeSource({ home, recordings: resolve(recordings), archive: archive && resolve(archive) }),
    isInUse: existsSync(homePaths(home).controlSocket),
  };
}

async function configuredPlaces(home: string): Promise<EvidencePlaces> {
  const path = join(home, CONFIG_NAME);
  if (!existsSync(path)) return {}; // as in most copies: then what reads configurations is not loaded
  const [{ readConfig }, { ConfigError }] = await Promise.all([
    import("../read-config.js"),
    import("../../config/index.js"),
  ]);
  try {
    const { recordings, archive } = await readConfig(path);
    return { recordings, ...(archive !== undefined && { archive }) };
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
}

/** Verifier keys as they were given: each a key, or a file of them, one a line. Throws CliError. */
export function verifierKeys(given: readonly string[]): readonly string[] {
  return given.flatMap((one) => {
    if (!existsSync(one)) return [verifierKey(one, `${one} is neither a file nor a verifier key`)];
    const lines = readSmallFile(one)
      .split("\n")
      .map((line) => line.trim());
    return lines
      .filter((line) => line !== "")
      .map((line) => verifierKey(line, `${one}: a line of it is no verifier key`));
  });
}

function verifierKey(text: string, message: string): string {
  try {
    return encodeVerifierKey(parseVerifierKey(text));
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CliError(
      EXIT.usage,
      message,
      "such a key is one line, name+hash+key: ledger/verifiers has the log's first",
    );
  }
}

/** Checkpoints that somebody kept. Throws CliError for what is no signed note at all. */
export function olderCheckpoints(files: readonly string[]): readonly OlderCheckpoint[] {
  return files.map((where) => {
    const note = readSmallFile(where);
    try {
      parseNote(note);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      throw new CliError(EXIT.usage, `${where} is no checkpoint: ${error.message}`);
    }
    return { where, note };
  });
}

function readSmallFile(path: string): string {
  try {
    const { size } = statSync(path);
    if (size > SMALL_FILE_BYTES_MAX)
      throw new CliError(EXIT.usage, `${path} is too large for what it is to be`);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { code = "error" } = error as NodeJS.ErrnoException;
    throw new CliError(EXIT.notFound, `cannot read ${path} (${code})`);
  }
}
