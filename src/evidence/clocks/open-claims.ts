import {
  encodeCheckpoint,
  isSignedAs,
  LedgerError,
  openCosignature,
  parseSignatureLine,
  rootOf,
  type NoteSignature,
  type ReadTile,
} from "../../ledger/index.js";
import { EvidenceError } from "../evidence-error.js";
import type { Findings } from "../findings.js";
import type { KnownKeys } from "../known-keys.js";
import type { ClockClaim } from "./clock-book.js";
import type { WitnessTimes } from "./witness-times.js";

/** The tiles of a tree as they were checked. */
export interface ClaimGround {
  readonly tiles: ReadTile;
  readonly keys: KnownKeys;
  readonly findings: Findings;
  /** The file of an entry, as people are shown it. */
  readonly whereOf: (index: number) => string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Verifies the cosignatures that stand in entries, each against the root that the tree had at its size, and takes what they say
 * of the time. One that does not verify is a fault, unless what was found wrong before may be why. Throws EvidenceError `unreachable`.
 */
export async function openClaims(
  claims: readonly ClockClaim[],
  times: WitnessTimes,
  { tiles, keys, findings, whereOf, signal }: ClaimGround,
): Promise<void> {
  const isSound = findings.faults.length === 0;
  const read = cached(tiles);
  for (const { index, size, line } of claims) {
    signal?.throwIfAborted();
    try {
      if (size > index)
        throw new LedgerError("signature-invalid", `it is of ${size} entries, and not so many are before it`);
      const root = await rootOf(read, size);
      const by = openLine(
        parseSignatureLine(line),
        encodeCheckpoint({ origin: keys.log.name, size, root }),
        keys,
      );
      times.wereThere(size, by);
      times.cameLater(index, by);
    } catch (error) {
      if (error instanceof EvidenceError && error.code !== "unreadable") throw error;
      if (!(error instanceof LedgerError || error instanceof EvidenceError)) throw error;
      const where = whereOf(index);
      const detail = `the cosignature of ${size} entries in it: ${error.message}`;
      // a tile that is not there is named where the tree is walked; at an address narrow ones go while it is read
      if (isSound && keys.isComplete && error instanceof LedgerError)
        findings.fault({ code: "cosignature-invalid", where, entry: index, detail });
      else findings.note(`${where}: entry ${index}: ${detail}`);
    }
  }
}

function openLine(
  line: NoteSignature,
  text: string,
  { witnesses }: KnownKeys,
): { readonly name: string; readonly atMs: number } {
  const witness = witnesses.find(({ key }) => isSignedAs(line, key));
  if (witness === undefined)
    throw new LedgerError("signature-invalid", `by ${line.name}, whose key is not known`);
  return { name: line.name, ...openCosignature(text, line, witness.key) };
}

/** One claim after the other is of a slightly larger tree: of each level mostly the same tile is asked for. */
function cached(tiles: ReadTile): ReadTile {
  const last = new Map<number, { readonly name: string; readonly bytes: Promise<Buffer> }>();
  return (tile) => {
    const name = `${tile.index}/${tile.width}`;
    const known = last.get(tile.level);
    if (known?.name === name) return known.bytes;
    const bytes = tiles(tile);
    last.set(tile.level, { name, bytes });
    return bytes;
  };
}
