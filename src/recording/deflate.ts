import { deflateRawSync, inflateRawSync } from "node:zlib";
import { plainBytesMax } from "./block.js";
import { RecordingError } from "./recording-error.js";

/** Shorter blocks are keystrokes and their echo: nothing to gain. */
const deflateBytesMin = 96;
/** A block this long filled up before its timer: bulk output, where speed counts for more than the last tenth. */
const deflateFastFromBytes = 32 * 1024;

/** `plain` as one raw deflate stream (RFC 1951), or undefined where that is not shorter. */
export function deflateFrames(plain: Buffer): Buffer | undefined {
  if (plain.length < deflateBytesMin) return undefined;
  const packed = deflateRawSync(plain, { level: plain.length < deflateFastFromBytes ? 9 : 1 });
  return packed.length < plain.length ? packed : undefined;
}

/**
 * What {@link deflateFrames} packed.
 * @throws RecordingError `deflate-invalid` for anything but exactly one stream, `block-too-long` for a bomb
 */
export function inflateFrames(packed: Buffer): Buffer {
  try {
    // @types/node does not say that `info` changes the result.
    const { buffer, engine } = inflateRawSync(packed, {
      info: true,
      maxOutputLength: plainBytesMax,
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
