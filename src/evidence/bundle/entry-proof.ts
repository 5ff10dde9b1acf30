import {
  leafHash,
  LedgerError,
  parseTlogProof,
  verifyTlogProof,
  type TlogProof,
  type VerifierKey,
} from "../../ledger/index.js";

/** What every proof of a bundle has to be about. */
export interface ProofGround {
  readonly key: VerifierKey;
  /** The checkpoint's bytes. */
  readonly note: Buffer;
}

export interface ProofClaim {
  readonly index: number;
  /** The entry's. */
  readonly bytes: Buffer;
  /** Whether the proof has the entry in it, as extra data; else it has none. */
  readonly isWhole: boolean;
}

/** Why a proof proves nothing. Where proof and entry do not fit, nobody can say which of them was changed. */
export interface ProofFault {
  readonly isOfEither: boolean;
  readonly detail: string;
}

/** Whether a file of c2sp.org/tlog-proof@v1 proves its entry to be under that very checkpoint; undefined when it does. */
export function entryProofFault(
  file: Buffer | undefined,
  { index, bytes, isWhole }: ProofClaim,
  { key, note }: ProofGround,
): ProofFault | undefined {
  const faulty = (detail: string): ProofFault => ({ detail, isOfEither: false });
  if (file === undefined) return faulty("it is missing");
  const proof = tryParse(file);
  if (proof instanceof LedgerError) return faulty(proof.message);
  const { extra, checkpoint } = proof;
  if (proof.index !== index) return faulty(`it is for entry ${proof.index}`);
  if (!note.equals(Buffer.from(checkpoint))) return faulty("it has another checkpoint");
  if (!isWhole && extra !== undefined) return faulty("it has extra data, for which nothing vouches");
  if (isWhole && extra?.equals(bytes) !== true) return faulty("it does not hold the entry");
  try {
    verifyTlogProof({ proof, leaf: leafHash(bytes), key });
    return undefined;
  } catch (error) {
    if (error instanceof LedgerError) return { detail: error.message, isOfEither: true };
    throw error;
  }
}

function tryParse(file: Buffer): TlogProof | LedgerError {
  try {
    return parseTlogProof(file);
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}
