import { canonicalJson } from "../../../src/ledger/index.js";

/** What `keys.json` of the vectors holds: signers' texts, made for this and used for nothing else. */
export interface VectorKeys {
  readonly log: string;
  readonly witness: string;
}

/** Sizes of the two checkpoints: one tile full at level 0 in both, and one more of level 1. */
export const vectorSizes = { witnessed: 257, newest: 260 } as const;

/** When the witness cosigned, in seconds since 1970. */
export const witnessedAt = 1_780_000_900;

/** Entries as the ledger writes them: two minutes of a bastion that loses a proxy twice a second. */
export function vectorEntries(): Buffer[] {
  return Array.from({ length: vectorSizes.newest }, (_, index) =>
    Buffer.from(canonicalJson({ at: 1_780_000_000_000 + 500 * index, entry: entryOf(index), index })),
  );
}

function entryOf(index: number): object {
  if (index === 0) return { type: "bastion.started", version: "0.1.0", policy: "5a".repeat(32) };
  if (index === vectorSizes.newest - 1) return { type: "bastion.stopped" };
  return { type: "proxy.lost", proxy: `proxy-${index}` };
}
