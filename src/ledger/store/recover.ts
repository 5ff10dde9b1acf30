import { LedgerError } from "../ledger-error.js";
import type { Signer } from "../note/signer.js";
import { emptyRoot } from "../tree/hash.js";
import { hashesAt, TILE_WIDTH } from "../tree/tile.js";
import { frontierOf, rootOf } from "../tree/tiled-tree.js";
import { CheckpointFiles, type SignedCheckpoint } from "./checkpoint-file.js";
import type { DurableFiles } from "./durable-files.js";
import type { EntryStore } from "./entry-store.js";
import { JournalCheck, type HealedRange } from "./journal-check.js";
import { PartialFiles } from "./partial-files.js";
import { ProvenTree } from "./proven-tree.js";
import { TileEdge } from "./tile-edge.js";
import { readBundle, tileReader } from "./tile-files.js";

/** A ledger as it was found, sound enough to go on with. */
export interface Recovered {
  /** Number of entries. */
  readonly size: number;
  /** Of the tree of the newest checkpoint. */
  readonly edge: TileEdge;
  readonly checkpoints: CheckpointFiles;
  readonly healed: readonly HealedRange[];
}

/**
 * Opens a ledger's files and holds its journal against them, in the same short time however many entries there are: the
 * newest checkpoint, the edge of its tree, the journal's tail. Throws LedgerError: `checkpoint-missing` where there are
 * entries and no checkpoint that this key signed, `root-mismatch` where the tiles, the journal or what witnesses signed are
 * not what the checkpoint says, `tile-invalid`, and what JournalCheck and the disk have to say.
 */
export async function recover(store: EntryStore, files: DurableFiles, signer: Signer): Promise<Recovered> {
  await files.prepare();
  const checkpoints = await CheckpointFiles.open(files, signer);
  if (checkpoints === undefined) return await begin(store, files, signer);
  await checkpoints.prepareVerifiers();
  const edge = await edgeOf(files, checkpoints.current);
  await checkWitnessed(files, checkpoints.witnessed);
  await new PartialFiles(files, edge.size).tidy();
  const { size, healed } = await journalCheck(store, files, edge).open();
  return { size, edge, checkpoints, healed };
}

/** The check of a journal against the tree with this edge, which must not change. */
export function journalCheck(store: EntryStore, files: DurableFiles, edge: TileEdge): JournalCheck {
  const tree = new ProvenTree(edge, tileReader(files));
  return new JournalCheck(store, tree, (index, width) => readBundle(files, { index, width }));
}

/** A new ledger. It must be new in all its parts: entries or tiles without a checkpoint have lost theirs. */
async function begin(store: EntryStore, files: DurableFiles, signer: Signer): Promise<Recovered> {
  if ((await store.last()) !== -1) throw unsigned("entries");
  if ((await files.list("tile")).length > 0) throw unsigned("tiles");
  const checkpoints = await CheckpointFiles.create(files, signer, emptyRoot);
  await checkpoints.prepareVerifiers();
  return { size: 0, edge: TileEdge.empty(), checkpoints, healed: [] };
}

function unsigned(what: string): LedgerError {
  return new LedgerError("checkpoint-missing", `there are ${what}, but no checkpoint of them`);
}

async function edgeOf(files: DurableFiles, { size, root }: SignedCheckpoint): Promise<TileEdge> {
  const read = tileReader(files);
  const levels: Buffer[] = [];
  for (let level = 0; hashesAt(level, size) > 0; level += 1) {
    const count = hashesAt(level, size);
    const tile = { level, index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH };
    levels.push(tile.width === 0 ? Buffer.alloc(0) : await read(tile));
  }
  const edge = TileEdge.of(await frontierOf(read, size), levels);
  if (edge.root().equals(root)) return edge;
  throw new LedgerError(
    "root-mismatch",
    `the tiles of ${size} entries have another root than their checkpoint`,
  );
}

/** What witnesses signed must be how this tree began: else the newest checkpoint is a fork's. */
async function checkWitnessed(files: DurableFiles, witnessed: SignedCheckpoint | undefined): Promise<void> {
  if (witnessed === undefined) return;
  const root = await rootOf(tileReader(files), witnessed.size);
  if (root.equals(witnessed.root)) return;
  throw new LedgerError(
    "root-mismatch",
    `the first ${witnessed.size} entries are not those that witnesses have signed for`,
  );
}
