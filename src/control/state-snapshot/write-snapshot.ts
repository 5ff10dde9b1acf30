import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { statePieces, type State } from "../../access/index.js";
import { type Disk, type Ledger, type Signer, type WritableFile } from "../../ledger/index.js";
import { plainJson } from "./plain-json.js";
import { encodeSnapshotHead } from "./snapshot-head.js";
import { treeAt } from "./tree-at.js";

/** Where a snapshot of the state lies, and the ledger's key, which signs it. */
export interface SnapshotPlace {
  readonly path: string;
  readonly disk: Disk;
  readonly signer: Signer;
  /** `codeDigest` of this process. */
  readonly code: string;
}

/** How a snapshot is written. */
export interface WritingOptions {
  readonly signal: AbortSignal;
  /** Rests as long as it works, for control has better things to do. */
  readonly isUnhurried: boolean;
}

/** Written at a time, in bytes: what is in memory beside the state. */
const WRITE_BYTES = 256 * 1024;
/** Written from one fsync to the next: one of hundreds of megabytes would hold up the journal's, on the same disk. */
const SYNC_BYTES = 8 * 1024 * 1024;
/** Longest line: a reader takes no longer one. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Writes down what is true after the first `size` entries: the state as it is at this call, in which it is copied. One JSON line a piece, then the signed
 * head. In this order:
 *
 *     open(O_CREAT|O_TRUNC) of <path>.new · write, fsync … · the entries get their checkpoint · write of the head · fsync · close
 *     rename to <path>
 *     fsync of the folder
 *
 * At any crash there is the snapshot before, this one, or none that a reader takes. Rejects with what kept it from that; then the one
 * before may still be there. Resolves with how many members the state has.
 */
export async function writeSnapshot(
  place: SnapshotPlace,
  { state, size }: { readonly state: State; readonly size: number },
  ledger: Pick<Ledger<unknown>, "checkpoint" | "tiles" | "publish">,
  options: WritingOptions,
): Promise<number> {
  const { items, pieces } = statePieces(state); // before anything is awaited
  const { path, disk, signer, code } = place;
  const unfinished = `${path}.new`;
  const file = await disk.create(unfinished);
  try {
    const body = await writeBody(file, lines(pieces), options);
    await ledger.publish();
    const root = (await treeAt(ledger, size)).root();
    const head = encodeSnapshotHead({ origin: signer.verifier.name, size, root, code, ...body }, signer);
    await file.write(Buffer.from(head));
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(unfinished, path);
  await disk.syncFolder(dirname(path));
  return items;
}

function* lines(pieces: Iterable<object>): Generator<Buffer, void, undefined> {
  for (const piece of pieces) {
    const line = Buffer.from(`${plainJson(piece)}\n`); // which refuses what JSON would change
    if (line.length > LINE_BYTES_MAX)
      throw new RangeError("a member of the state is too long for a snapshot");
    yield line;
  }
}

async function writeBody(
  file: WritableFile,
  all: Iterable<Buffer>,
  { signal, isUnhurried }: WritingOptions,
): Promise<{ readonly bytes: number; readonly hash: string }> {
  const hash = createHash("sha256");
  let [bytes, synced, begunMs] = [0, 0, performance.now()];
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  const flush = async (): Promise<void> => {
    await file.write(Buffer.concat(waiting));
    bytes += waitingBytes;
    [waiting, waitingBytes] = [[], 0];
    if (bytes - synced < SYNC_BYTES) return;
    await file.sync();
    synced = bytes;
  };
  for (const line of all) {
    hash.update(line);
    waiting.push(line);
    waitingBytes += line.length;
    if (waitingBytes >= WRITE_BYTES) await flush();
    signal.throwIfAborted();
    const workedMs = performance.now() - begunMs;
    await (isUnhurried ? setTimeout(workedMs, undefined, { signal }) : setImmediate()); // others' turn
    begunMs = performance.now();
  }
  await flush();
  return { bytes, hash: hash.digest("hex") };
}
