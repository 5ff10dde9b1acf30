/** The same bytes, one a chunk: what a parser must take as well as it takes them whole. */
export async function* byteByByte(
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (const byte of chunk) yield Buffer.of(byte);
  }
}
