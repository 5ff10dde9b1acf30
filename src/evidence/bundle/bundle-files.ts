import { stat } from "node:fs/promises";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceSource } from "../evidence-source.js";
import type { Bundle, BundleFile } from "./make-bundle.js";
import type { TarFile } from "./tar.js";

/**
 * The files of a bundle to be written, in order. A recording that still grows ends where it ended when its turn came. Throws
 * EvidenceError.
 */
export async function* bundleFiles(source: EvidenceSource, { files }: Bundle): AsyncGenerator<TarFile, void> {
  for (const file of files) yield await fileOf(source, file);
}

async function fileOf(source: EvidenceSource, file: BundleFile): Promise<TarFile> {
  const { path } = file;
  if ("bytes" in file) return { path, bytes: file.bytes.length, pieces: [file.bytes] };
  const pieces = await source.open(file.from);
  if (pieces === undefined || source.file === undefined)
    throw new EvidenceError("unreadable", "the recording went away", { where: file.from });
  const { size } = await stat(source.file(file.from));
  return { path, bytes: size, pieces: upTo(pieces, size) };
}

async function* upTo(pieces: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer, void> {
  let left = bytes;
  for await (const piece of pieces) {
    yield piece.subarray(0, left);
    left -= Math.min(left, piece.length);
    if (left === 0) return;
  }
}
