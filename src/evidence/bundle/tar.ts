/** Unix' own unit of tapes (POSIX.1-2017, pax, ustar interchange format). */
const BLOCK_BYTES = 512;
/** Of a name that needs no prefix: ours are shorter. */
const NAME_BYTES_MAX = 100;
/** What 11 octal digits say. */
const FILE_BYTES_MAX = 8 ** 11 - 1;

/** A file in an archive; its pieces give exactly `bytes` bytes. */
export interface TarFile {
  readonly path: string;
  readonly bytes: number;
  readonly pieces: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/**
 * Writes files as a tar archive (ustar), for their owner alone, at a fixed time, so that the same files give the same archive.
 * Throws RangeError for a name or a size that the format does not hold, or when a file gives other than its bytes.
 */
export async function* tarOf(files: AsyncIterable<TarFile>): AsyncGenerator<Buffer, void> {
  for await (const { path, bytes, pieces } of files) {
    yield headerOf(path, bytes);
    let given = 0;
    for await (const piece of pieces) {
      given += piece.length;
      if (given > bytes) throw new RangeError(`${path} has more than ${bytes} bytes`);
      yield piece;
    }
    if (given !== bytes) throw new RangeError(`${path} has ${given} bytes, not ${bytes}`);
    yield Buffer.alloc((BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES);
  }
  yield Buffer.alloc(2 * BLOCK_BYTES);
}

function headerOf(path: string, bytes: number): Buffer {
  if (Buffer.byteLength(path) > NAME_BYTES_MAX || bytes > FILE_BYTES_MAX)
    throw new RangeError(`${path}: too long for a tar archive`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(path, 0);
  header.write("0000600\0", 100); // mode
  header.write("0000000\0", 108); // user
  header.write("0000000\0", 116); // group
  header.write(`${bytes.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136); // time
  header.write("        ", 148); // the checksum counts as blanks
  header.write("0", 156); // a plain file
  header.write("ustar\0" + "00", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
