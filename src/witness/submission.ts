import { HASH_BYTES } from "../ledger/index.js";
import { WitnessError } from "./witness-error.js";

/** A checkpoint on its way to a witness (C2SP tlog-witness, add-checkpoint). */
export interface Submission {
  /** Size of the tree that the witness is thought to have cosigned last; 0 for none. */
  readonly oldSize: number;
  /** That the tree of `oldSize` is the beginning of the checkpoint's, as RFC 6962 has it. */
  readonly proof: readonly Buffer[];
  /** The checkpoint, a signed note. */
  readonly note: string;
}

/** Longest body: 63 hashes, and a note with 16 signatures of nearly 5 kB, which C2SP signed-note wants to be taken. */
export const SUBMISSION_BYTES_MAX = 128 * 1024;

/** C2SP tlog-witness: a tree has no more levels. */
const PROOF_HASHES_MAX = 63;

const OLD_LINE = /^old (0|[1-9]\d{0,15})$/u;

/** The body of an add-checkpoint request. */
export function encodeSubmission({ oldSize, proof, note }: Submission): string {
  return [`old ${oldSize}`, ...proof.map((hash) => hash.toString("base64")), "", note].join("\n");
}

/**
 * Reads the body of an add-checkpoint request; what is read encodes to the same bytes. The note in it is text as it came,
 * attacker-controlled. Throws WitnessError `submission-invalid`.
 */
export function parseSubmission(body: Uint8Array): Submission {
  if (body.length > SUBMISSION_BYTES_MAX) throw invalid("too long");
  const text = decodeUtf8(body);
  const end = text.indexOf("\n\n");
  if (end === -1) throw invalid("no empty line after the proof");
  const [oldLine = "", ...hashes] = text.slice(0, end).split("\n");
  const oldSize = Number(OLD_LINE.exec(oldLine)?.[1] ?? NaN);
  if (!Number.isSafeInteger(oldSize)) throw invalid("no old size on the first line");
  if (hashes.length > PROOF_HASHES_MAX) throw invalid(`a proof of more than ${PROOF_HASHES_MAX} hashes`);
  return { oldSize, proof: hashes.map(parseHash), note: text.slice(end + "\n\n".length) };
}

function parseHash(line: string): Buffer {
  const hash = Buffer.from(line, "base64"); // lenient, hence the comparison
  if (hash.length !== HASH_BYTES || hash.toString("base64") !== line)
    throw invalid("a proof line that is no hash");
  return hash;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid("not UTF-8");
  }
}

function invalid(what: string): WitnessError {
  return new WitnessError("submission-invalid", `not an add-checkpoint request: ${what}`);
}
