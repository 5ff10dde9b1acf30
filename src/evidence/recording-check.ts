import {
  openRecording,
  RecordingError,
  verifyRecordingBytes,
  type AuditorPrivateKey,
  type Head,
  type VerifiedRecording,
} from "../recording/index.js";
import type { EvidenceFaultCode } from "./evidence-fault.js";
import type { EvidenceSource } from "./evidence-source.js";

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

/**
 * Reads a recording from its first byte to its last: form and chain, every promised head, and with keys every seal. Throws
 * EvidenceError.
 */
export async function findRecording(
  source: EvidenceSource,
  path: string,
  promised: readonly Head[],
  keys: readonly AuditorPrivateKey[],
): Promise<RecordingFound> {
  const pieces = await source.open(path);
  if (pieces === undefined) return { kind: "missing" };
  try {
    const recording = await verifyRecordingBytes(pieces, promised);
    const isOpened = keys.length > 0 && (await openSeals(source, path, keys));
    return { kind: "whole", recording, isOpened };
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    return wrong(error, promised);
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
  const detail = `${message}; up to byte ${before} it agrees with the ledger`;
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
  if (source.file === undefined) return false;
  try {
    const reader = await openRecording(source.file(path), keys);
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
