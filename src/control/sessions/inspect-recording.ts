import { join } from "node:path";
import type { SessionState } from "../../access/index.js";
import { RecordingError, verifyRecording, type Head } from "../../recording/index.js";

/**
 * What a recording says of its session when its proxy can no longer: how far it came, and whether it was closed in order.
 * A recording that is missing or damaged says nothing; `verify` will name it.
 */
export async function inspectRecording(
  recordings: string,
  { recording }: SessionState,
): Promise<{ head?: Head; isClosed: boolean }> {
  try {
    const { bytes, blocks, hash, state, torn } = await verifyRecording(join(recordings, recording));
    return { head: { bytes, blocks, hash, ...(torn && { torn }) }, isClosed: state === "ended" };
  } catch (error) {
    if (error instanceof RecordingError) return { isClosed: false };
    throw error;
  }
}
