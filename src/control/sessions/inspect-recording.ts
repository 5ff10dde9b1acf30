import { join } from "node:path";
import type { SessionState } from "../../access/index.js";
import { RecordingError, verifyRecording } from "../../recording/index.js";
import type { RecordingHead } from "../../rpc/index.js";

/**
 * What a recording says of its session when its proxy can no longer: how far it came, and whether it was closed in order.
 * A recording that is missing or damaged says nothing; `verify` will name it.
 */
export async function inspectRecording(
  recordings: string,
  { recording }: SessionState,
): Promise<{ head?: RecordingHead; isClosed: boolean }> {
  try {
    const { bytes, blocks, hash, state } = await verifyRecording(join(recordings, recording));
    return { head: { bytes, blocks, hash }, isClosed: state === "ended" };
  } catch (error) {
    if (error instanceof RecordingError) return { isClosed: false };
    throw error;
  }
}
