import {
  encodeVerifierKey,
  generateSigner,
  leafHash,
  proveConsistency,
  rootOf,
  signCheckpoint,
  tileHash,
  type ReadTile,
  type Signer,
} from "../../src/ledger/index.js";

/** A log in memory, to show to witnesses. */
export interface SmallLog {
  readonly signer: Signer;
  readonly origin: string;
  /** The line for `--log`. */
  readonly verifierKey: string;
  /** A signed checkpoint of its first `size` entries. */
  readonly checkpoint: (size: number) => Promise<string>;
  readonly prove: (oldSize: number, size: number) => Promise<Buffer[]>;
  /** The same log, key and all, with other entries from number `from` on. */
  readonly fork: (from: number) => SmallLog;
}

/** Entries are their numbers, as many as anybody asks for. */
export function smallLog(
  origin = "small.example/log",
  signer = generateSigner(origin),
  forkedAt = Infinity,
): SmallLog {
  const entry = (index: number) => leafHash(Buffer.from(`${index}${index >= forkedAt ? " forged" : ""}`));
  const row = (from: number, width: number) =>
    Buffer.concat(Array.from({ length: width }, (_, n) => entry(from + n)));
  const tile: ReadTile = ({ level, index, width }) => {
    if (level === 0) return Promise.resolve(row(index * 256, width));
    if (level > 1) throw new Error("a small log has at most 65,536 entries");
    const hashes = Array.from({ length: width }, (_, n) => tileHash(row((index * 256 + n) * 256, 256)));
    return Promise.resolve(Buffer.concat(hashes));
  };
  return {
    ...{ signer, origin, verifierKey: encodeVerifierKey(signer.verifier) },
    checkpoint: async (size) => signCheckpoint({ origin, size, root: await rootOf(tile, size) }, signer),
    prove: (oldSize, size) => proveConsistency(tile, oldSize, size),
    fork: (from) => smallLog(origin, signer, from),
  };
}
