import { parseCheckpoint, parseNote } from "../../ledger/index.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceSource } from "../evidence-source.js";
import { CHECKPOINT_FILE, NOTE_BYTES_MAX, WITNESSED_FILE } from "../signed-checkpoint.js";

/** A checkpoint as it was read, its signatures unverified. */
export interface ReadCheckpoint {
  readonly note: string;
  readonly origin: string;
  readonly size: number;
}

/** The newest checkpoint, and the newest with a witness' word. Throws EvidenceError, LedgerError for what is no checkpoint. */
export async function readCheckpoints(
  source: EvidenceSource,
): Promise<{ readonly newest: ReadCheckpoint; readonly witnessed: ReadCheckpoint | undefined }> {
  const newest = await read(source, CHECKPOINT_FILE);
  if (newest === undefined)
    throw new EvidenceError("not-found", `there is no ledger in ${source.name}`, { where: CHECKPOINT_FILE });
  return { newest, witnessed: await read(source, WITNESSED_FILE) };
}

async function read(source: EvidenceSource, path: string): Promise<ReadCheckpoint | undefined> {
  const bytes = await source.read(path, NOTE_BYTES_MAX);
  if (bytes === undefined) return undefined;
  const note = bytes.toString();
  const { origin, size } = parseCheckpoint(parseNote(note).text);
  return { note, origin, size };
}
