import {
  createRecording,
  makeRecordingKeys,
  type KeylessHeader,
  type RecordingOptions,
  type RecordingWriter,
} from "../recording/index.js";
import type { OpenedSession } from "../rpc/index.js";

/**
 * Makes a session's recording, and its keys here and nowhere else: from now on only the writer has them, and what they
 * were wrapped to. @throws RecordingError
 */
export async function openRecorder(
  { recordingPath, recordingHeader, auditors, apartAuditors }: OpenedSession,
  options: Pick<RecordingOptions, "durability" | "clock" | "onFailure">,
): Promise<RecordingWriter> {
  const header = JSON.parse(recordingHeader) as KeylessHeader; // control's own words
  const keys = await makeRecordingKeys(header, { auditors, apartAuditors });
  try {
    return await createRecording(recordingPath, { ...keys, ...options });
  } finally {
    keys.wipe();
  }
}
