/**
 * The ledger: an append-only, numbered list of entries, each durable before its `append` resolves and kept with its
 * RFC 6962 leaf hash. Generic over the entry, so that it knows nothing of what is decided; the caller brings a codec.
 *
 * Must never: change or remove an entry, resolve before the disk has it, go on after its store failed, or hand out an
 * entry whose number and hash were not checked.
 */
export { canonicalJson } from "./canonical-json.js";
export { ENTRY_BYTES_MAX, type EntryCodec, type LedgerRecord } from "./entry-row.js";
export type { EntryStore, Row } from "./store/entry-store.js";
export { openStore } from "./store/level-store.js";
export { LedgerError, type LedgerErrorCode } from "./ledger-error.js";
export { realDisk, type Disk, type ReadableFile, type WritableFile } from "./store/disk.js";
export { DurableFiles } from "./store/durable-files.js";
export type { HealedRange } from "./store/journal-check.js";
export {
  openLedger,
  openLedgerOn,
  type Ledger,
  type LedgerGround,
  type LedgerOptions,
  type LedgerPlace,
} from "./store/ledger.js";
export { UNPUBLISHED_MS_MAX, type Publishing } from "./store/publisher.js";

export { decodeBundle, encodeBundle } from "./tree/bundle.js";
export { proveConsistency, verifyConsistency, type ConsistencyClaim } from "./tree/consistency.js";
export { Frontier } from "./tree/frontier.js";
export { emptyRoot, HASH_BYTES, leafHash, nodeHash } from "./tree/hash.js";
export { proveInclusion, verifyInclusion, type InclusionClaim } from "./tree/inclusion.js";
export { tileHash, tilesBetween, TILE_WIDTH, type Bundle, type ReadTile, type Tile } from "./tree/tile.js";
export { bundlePath, parseTilePath, tilePath, type TilePath } from "./tree/tile-path.js";
export { frontierOf, rootOf } from "./tree/tiled-tree.js";
export {
  encodeCheckpoint,
  openCheckpoint,
  parseTreeHead,
  parseCheckpoint,
  signCheckpoint,
  type Checkpoint,
} from "./note/checkpoint.js";
export { cosign, openCosignature, openCosignatures, type Cosignature } from "./note/cosignature.js";
export { isKeyName } from "./note/key-name.js";
export {
  encodeNote,
  encodeSignatureLine,
  isSignedAs,
  parseNote,
  parseSignatureLine,
  type Note,
  type NoteSignature,
} from "./note/note.js";
export { openNote, signNote } from "./note/note-signature.js";
export { encodeSigner, generateSigner, parseSigner, type Signer } from "./note/signer.js";
export { encodeVerifiers, parseVerifiers, type Verifiers } from "./note/verifiers.js";
export { encodeVerifierKey, parseVerifierKey, type KeyType, type VerifierKey } from "./note/verifier-key.js";
export { encodeTlogProof, parseTlogProof, verifyTlogProof, type TlogProof } from "./proof/tlog-proof.js";
