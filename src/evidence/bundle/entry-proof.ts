import {
  leafHash,
  LedgerError,
  parseTlogProof,
  verifyTlogProof,
  type VerifierKey,
} from "../../ledger/index.js";

/** What every proof of a bundle has to be about. */
export interface ProofGround {
  readonly key: VerifierKey;
  /** The checkpoint's bytes. */
  readonly note: Buffer;
}

/**
 * Why a file of c2sp.org/tlog-proof@v1 does not prove that an entry with these bytes and this number is under that very checkpoint;
 * undefined when it does. With `isWhole` it has the entry in it as well.
 */
export function entryProofFault(
  proof: Buffer,
  { index, bytes }: { readonly index: number; readonly bytes: Buffer },
  { key, note }: ProofGround,
  isWhole: boolean,
): string | undefined {
  try {
    const parsed = parseTlogProof(proof);
    if (parsed.index !== index) return `it is for entry ${parsed.index}`;
    if (!note.equals(Buffer.from(parsed.checkpoint))) return "it has another checkpoint";
    if (isWhole !== (parsed.extra !== undefined))
      return isWhole ? "it does not hold the entry" : "it holds more than a proof";
    if (parsed.extra !== undefined && !parsed.extra.equals(bytes)) return "the entry in it is another one";
    verifyTlogProof({ proof: parsed, leaf: leafHash(bytes), key });
    return undefined;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    return error.message;
  }
}
