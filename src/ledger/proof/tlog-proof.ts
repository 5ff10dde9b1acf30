import { LedgerError } from "../ledger-error.js";
import { decodeBase64 } from "../note/base64.js";
import { openCheckpoint, parseCheckpoint, type Checkpoint } from "../note/checkpoint.js";
import { parseCount } from "../note/count.js";
import { NOTE_BYTES_MAX, parseNote } from "../note/note.js";
import type { VerifierKey } from "../note/verifier-key.js";
import { HASH_BYTES } from "../tree/hash.js";
import { verifyInclusion } from "../tree/inclusion.js";

const FORMAT = "c2sp.org/tlog-proof@v1";

/** Most hashes of an inclusion proof: the height of a tree of 2^53 leaves. */
const PROOF_HASHES_MAX = 53;

/** Largest extra data, in bytes: more than a ledger's entry, which is what goes there. */
export const EXTRA_BYTES_MAX = 64 * 1024;

/** Largest proof, in bytes: its note, its extra data in base64, its hashes and their lines. */
const TLOG_PROOF_BYTES_MAX = NOTE_BYTES_MAX + 2 * EXTRA_BYTES_MAX;

/** That an entry is in a log (C2SP tlog-proof). Nothing in it is verified before `verifyTlogProof`. */
export interface TlogProof {
  readonly index: number;
  /** The inclusion proof, the leaf's sibling first. */
  readonly hashes: readonly Buffer[];
  /** The log's checkpoint, a signed note, with all its signatures. */
  readonly checkpoint: string;
  /** What the application likes to add; nothing vouches for it. */
  readonly extra?: Buffer;
}

const PROOF =
  /^c2sp\.org\/tlog-proof@v1\n(?:extra (?<extra>[^\n]+)\n)?index (?<index>\d+)\n(?<hashes>(?:[^\n]+\n)*)\n(?<checkpoint>.*)$/su;

/** The text of a proof. Throws LedgerError as `parseTlogProof` does, for what that would not read back. */
export function encodeTlogProof({ index, hashes, checkpoint, extra }: TlogProof): string {
  const lines = [
    FORMAT,
    ...(extra === undefined ? [] : [`extra ${extra.toString("base64")}`]),
    `index ${index}`,
    ...hashes.map((hash) => hash.toString("base64")),
    "",
    checkpoint,
  ];
  const text = lines.join("\n");
  parseTlogProof(text);
  return text;
}

/**
 * The parts of a proof, strictly: what is parsed encodes to the same text. Throws LedgerError `proof-invalid`, and
 * `note-invalid` or `checkpoint-invalid` for what is said to be the checkpoint.
 */
export function parseTlogProof(source: string | Uint8Array): TlogProof {
  const groups = PROOF.exec(decodeText(source))?.groups;
  const { extra: extraText, index: indexText = "", hashes: lines = "", checkpoint = "" } = groups ?? {};
  if (groups === undefined) throw invalid("not the lines of one");
  const index = parseCount(indexText);
  if (index === undefined) throw invalid("an index that is no number");
  const hashes = lines.split("\n").slice(0, -1).map(parseHash);
  if (hashes.length > PROOF_HASHES_MAX) throw invalid("too many hashes");
  parseCheckpoint(parseNote(checkpoint).text);
  if (extraText === undefined) return { index, hashes, checkpoint };
  return { index, hashes, checkpoint, extra: parseExtra(extraText) };
}

/**
 * Proves that the leaf with the hash `leaf` is in the log with that key: the checkpoint is signed by it, and the hashes
 * lead from the leaf, at the proof's index, to its root. Gives the checkpoint; cosignatures are `openCosignatures`' matter.
 * Throws LedgerError `proof-invalid`, `note-invalid`, `signature-invalid` or `checkpoint-invalid`.
 */
export function verifyTlogProof(claim: {
  readonly proof: TlogProof;
  readonly leaf: Buffer;
  readonly key: VerifierKey;
}): Checkpoint {
  const { index, hashes, checkpoint: note } = claim.proof;
  const checkpoint = openCheckpoint(note, claim.key);
  const { size, root } = checkpoint;
  verifyInclusion({ leaf: claim.leaf, index, size, root, proof: hashes });
  return checkpoint;
}

function parseHash(line: string): Buffer {
  const hash = decodeBase64(line);
  if (hash?.length !== HASH_BYTES) throw invalid("a line that is no hash");
  return hash;
}

function parseExtra(text: string): Buffer {
  const extra = decodeBase64(text);
  if (extra === undefined || extra.length > EXTRA_BYTES_MAX)
    throw invalid("extra data that is no base64, or too much");
  return extra;
}

function decodeText(source: string | Uint8Array): string {
  if (source.length > TLOG_PROOF_BYTES_MAX) throw invalid("too long");
  if (typeof source === "string") return source;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(source);
  } catch {
    throw invalid("bytes that are not UTF-8");
  }
}

function invalid(what: string): LedgerError {
  return new LedgerError("proof-invalid", `not a proof of a log: ${what}`);
}
