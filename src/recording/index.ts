/**
 * recording: what crossed in a session, kept sealed and chained, and what can be drawn from it.
 *
 * The format is docs/formats/recording-v1.md. Writing and reading share the codec and the chain; verification needs
 * no key. This room must never forward a byte, decide anything, hold a CA key, or go on after a failed write: a
 * recorder that cannot record throws until its session ends.
 */
export { FrameType, type Direction, type EndReport, type Frame, type Withheld } from "./frame.js";
export type { RecordingHeader, WrappedKey } from "./header.js";
export type { Head, Torn } from "./chain.js";
export { RecordingError, type RecordingErrorCode } from "./recording-error.js";
export { createRecording, type RecordingOptions, type RecordingWriter } from "./writer.js";
export type { RecordingFile } from "./recording-file.js";
export { openRecording, type Ending, type RecordingKey, type RecordingReader } from "./reader.js";
export { verifyRecording, verifyRecordingBytes, type VerifiedRecording } from "./verify.js";
export { blocksByTime, type FoundBlocks } from "./edit/blocks-by-time.js";
export { systemFiles, type EditFile, type EditFiles, type OldFile } from "./edit/edit-files.js";
export {
  inspectStretch,
  prepareRedaction,
  type Stretch,
  type UnredactableBlocks,
} from "./edit/redact-blocks.js";
export type { RedactionStatement } from "./edit/redaction-statement.js";
export { makeRewrap, type RewrapWish } from "./edit/rewrap.js";
export {
  compareRewrap,
  encodeRewrap,
  keysSubstitute,
  parseRewrap,
  type RewrapChange,
  type RewrapStatement,
} from "./edit/rewrap-statement.js";
export {
  commitRewrite,
  EDIT_SUFFIX,
  preparedAgain,
  prepareRewrite,
  type PreparedRewrite,
} from "./edit/rewrite.js";
export { readWrappedKeys, type WrappedKeys } from "./edit/wrapped-keys.js";
export {
  substituteFaults,
  type AllowedEdits,
  type FoundSubstitute,
  type SubstituteFault,
} from "./edit/substitute-faults.js";
export { commitKey } from "./key-commitment.js";
export { makeRecordingKeys, type KeylessHeader } from "./session-keys.js";
export { unwrapDataKey, wrapDataKey } from "./data-key.js";
export {
  encodeAuditorPrivateKey,
  encodeAuditorPublicKey,
  generateAuditorKey,
  parseAuditorPrivateKey,
  parseAuditorPublicKey,
  type AuditorPrivateKey,
  type AuditorPublicKey,
} from "./auditor-key.js";
export { Typing, type TypedText } from "./typing.js";
export { encodeTypedLine } from "./typed-line.js";
export { Channels, drawChannels, type ChannelView } from "./channels.js";
export { ChannelDrawing, drawChannel, type Drawn } from "./drawn.js";
export { Screen, type ScreenSize } from "./screen.js";
export { exportRecording, type ExportFormat, type ExportOptions, type ExportSource } from "./export/index.js";
