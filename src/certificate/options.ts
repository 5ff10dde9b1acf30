import { CertificateError } from "./certificate-error.js";
import * as limits from "./limits.js";
import { WireReader, WireWriter } from "./wire.js";

/** Option names to their raw data, in byte order of the names. */
export type Options = ReadonlyMap<string, Buffer>;

/** The data of an option that is only there or not, such as `permit-pty`. */
const FLAG = Buffer.alloc(0);

/** Options that are only there or not. */
export function flagOptions(names: readonly string[]): Options {
  return new Map(names.map((name) => [name, FLAG]));
}

/** The data of an option that carries one string, such as `force-command`. */
export function encodeTextOption(value: string): Buffer {
  return new WireWriter().string(value).finish();
}

/** The inverse of `encodeTextOption`. Throws `CertificateError`. */
export function decodeTextOption(data: Buffer): string {
  const reader = new WireReader(data);
  const value = reader.text(limits.OPTION_BYTES_MAX);
  reader.end();
  return value;
}

/**
 * Decodes a critical-options or extensions field (PROTOCOL.certkeys): names strictly ascending by their bytes.
 * Throws `duplicate-option`, `unsorted-options`, `too-many` and what the wire throws.
 */
export function decodeOptions(field: Buffer): Options {
  const reader = new WireReader(field);
  const options = new Map<string, Buffer>();
  let previous: Buffer | undefined;
  while (reader.remaining > 0) {
    const name = reader.text(limits.NAME_BYTES_MAX);
    const bytes = Buffer.from(name, "utf8");
    const order = previous === undefined ? -1 : Buffer.compare(previous, bytes);
    if (order === 0) throw new CertificateError("duplicate-option", `option ${JSON.stringify(name)} twice`);
    if (order > 0)
      throw new CertificateError("unsorted-options", `option ${JSON.stringify(name)} out of order`);
    options.set(name, reader.string(limits.OPTION_BYTES_MAX));
    previous = bytes;
  }
  checkCount(options);
  return options;
}

/** Encodes options, sorted by the bytes of their names whatever the map's order. */
export function encodeOptions(options: Options): Buffer {
  checkCount(options);
  const entries = [...options].map(([name, data]) => ({ name: Buffer.from(name, "utf8"), data }));
  entries.sort((a, b) => Buffer.compare(a.name, b.name));
  const writer = new WireWriter();
  for (const { name, data } of entries) writer.string(name).string(data);
  return writer.finish();
}

function checkCount(options: Options): void {
  if (options.size > limits.OPTIONS_MAX) throw new CertificateError("too-many", `${options.size} options`);
}
