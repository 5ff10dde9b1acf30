import { deflateRawSync, inflateRawSync } from "node:zlib";
import { plainBytesMax } from "./block-limits.js";
import { dictionary } from "./dictionary.js";
import { RecordingError } from "./recording-error.js";

/** Shorter ones are keystrokes' echoes: nothing to gain. */
const deflateBytesMin = 12;
/** What filled up before its timer is bulk output, where speed counts for more than the last tenth. */
const deflateFastFromBytes = 32 * 1024;

/**
 * `plain` as one raw deflate stream (RFC 1951), or undefined where that is not shorter. Its preset dictionary is v1's,
 * followed by `before`: what stands before it in the same block.
 */
export function deflateFrames(plain: Buffer, before: readonly Buffer[] = []): Buffer | undefined {
  if (plain.length < deflateBytesMin) return undefined;
  const level = plain.length < deflateFastFromBytes ? 9 : 1;
  const preset = presetOf(before);
  const packed = deflateRawSync(plain, { level, dictionary: preset });
  if (preset !== dictionary) preset.fill(0); // a copy of what was shown
  return packed.length < plain.length ? packed : undefined;
}

/**
 * What {@link deflateFrames} packed.
 * @throws RecordingError `deflate-invalid` for anything but exactly one stream, `block-too-long` for a bomb
 */
export function inflateFrames(packed: Buffer, before: readonly Buffer[] = []): Buffer {
  try {
    // @types/node does not say that `info` changes the result.
    const { buffer, engine } = inflateRawSync(packed, {
      info: true,
      maxOutputLength: plainBytesMax,
      dictionary: presetOf(before),
    }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    if (engine.bytesWritten === packed.length) return buffer;
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new RecordingError(
      tooLong ? "block-too-long" : "deflate-invalid",
      tooLong ? "a block inflates beyond its limit" : "a block is not a deflate stream",
      { cause: error },
    );
  }
  throw new RecordingError("deflate-invalid", "bytes follow the deflate stream");
}

/** zlib takes the last 32 KiB of it. */
function presetOf(before: readonly Buffer[]): Buffer {
  return before.length === 0 ? dictionary : Buffer.concat([dictionary, ...before]);
}
