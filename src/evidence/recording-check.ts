import {
  openRecording,
  RecordingError,
  verifyRecordingBytes,
  type AuditorPrivateKey,
  type Head,
  type RecordingReader,
  type VerifiedRecording,
} from "../recording/index.js";
import type { EvidenceFaultCode } from "./evidence-fault.js";
import type { EvidenceSource } from "./evidence-source.js";

/** What may follow the last head before it is read no further: who sends more than was promised may go on for ever. */
const BEYOND_BYTES_MAX = 4 * 1024 * 1024;

/** What there is of a recording. */
export type RecordingFound =
  | { readonly kind: "missing" }
  | { readonly kind: "whole"; readonly recording: VerifiedRecording; readonly isOpened: boolean }
  | {
      readonly kind: "wrong";
      readonly code: EvidenceFaultCode;
      readonly detail: string;
      readonly offset?: number;
      /** It ends before its header does: whoever made it died at once. */
      readonly isStillborn: boolean;
    };

export interface RecordingLimits {
  /** To open every seal. */
  readonly keys: readonly AuditorPrivateKey[];
  /** Where it ends, when its session is over. */
  readonly endBytes?: number | undefined;
}

/**
 * Reads a recording from its first byte to its last: form and chain, every promised head, and with keys every seal. Throws
 * EvidenceError.
 */
export async function findRecording(
  source: EvidenceSource,
  path: string,
  promised: readonly Head[],
  { keys, endBytes = Infinity }: RecordingLimits,
): Promise<RecordingFound> {
  const pieces = await source.open(path);
  if (pieces === undefined) return { kind: "missing" };
  try {
    const recording = await verifyRecordingBytes(upTo(pieces, endBytes + BEYOND_BYTES_MAX), promised);
    const isOpened = await openSeals(source, path, keys);
    return { kind: "whole", recording, isOpened };
  } catch (error) {
    if (error instanceof BeyondError) {
      const detail = "it goes on and on behind what was promised";
      return { kind: "wrong", code: "recording-beyond", detail, offset: endBytes, isStillborn: false };
    }
    if (!(error instanceof RecordingError)) throw error;
    const found = wrong(error, promised);
    // the ledger has its hash here and there; a seal that breaks says where in between
    const seal = error.code === "head-mismatch" ? await brokenSeal(source, path, keys) : undefined;
    return seal === undefined ? found : { ...found, ...seal };
  }
}

async function brokenSeal(
  source: EvidenceSource,
  path: string,
  keys: readonly AuditorPrivateKey[],
): Promise<{ readonly detail: string; readonly offset?: number } | undefined> {
  try {
    await openSeals(source, path, keys);
    return undefined;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return { detail: `${error.code}: ${error.message}`, ...placed(error.offset) };
  }
}

class BeyondError extends Error {
  override readonly name = "BeyondError";
}

async function* upTo(pieces: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<Buffer, void> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    if (bytes > bytesMax) throw new BeyondError("more than was promised");
    yield piece;
  }
}

function wrong(error: RecordingError, promised: readonly Head[]): RecordingFound {
  const { code, message, offset } = error;
  const isStillborn = code === "header-truncated" && promised.length === 0;
  if (code === "block-forged" || code === "key-commitment")
    return { kind: "wrong", code: "seal-broken", detail: message, isStillborn, ...placed(offset) };
  if (code !== "head-mismatch")
    return {
      kind: "wrong",
      code: "recording-invalid",
      detail: `${code}: ${message}`,
      isStillborn,
      ...placed(offset),
    };
  // the chain agreed with the ledger at the head before; what was changed lies behind it
  const before = promised.reduce(
    (most, { bytes }) => (bytes < (offset ?? 0) ? Math.max(most, bytes) : most),
    0,
  );
  const detail = `${message}; what was changed lies between byte ${before} and byte ${offset ?? 0}`;
  return { kind: "wrong", code: "recording-mismatch", detail, isStillborn, offset: before };
}

function placed(offset: number | undefined): { readonly offset?: number } {
  return offset === undefined ? {} : { offset };
}

/** Every seal is bound to all that stands before it. False when the keys are for none of it, which proves nothing. */
async function openSeals(
  source: EvidenceSource,
  path: string,
  keys: readonly AuditorPrivateKey[],
): Promise<boolean> {
  if (source.file === undefined || keys.length === 0) return false;
  try {
    const reader = await openAll(source.file(path), keys);
    try {
      const frames = reader.frames();
      while ((await frames.next()).done !== true);
      return true;
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof RecordingError && error.code === "key-not-for-us") return false;
    throw error;
  }
}

/** With what was typed unseen, where the keys are for that as well. */
async function openAll(path: string, keys: readonly AuditorPrivateKey[]): Promise<RecordingReader> {
  try {
    return await openRecording(path, keys, keys);
  } catch (error) {
    if (error instanceof RecordingError && error.code === "key-not-for-us") return openRecording(path, keys);
    throw error;
  }
}
