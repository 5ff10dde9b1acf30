import type { EvidenceSource } from "../../src/evidence/index.js";
import type { EvidenceFiles } from "./evidence-folder.js";

/** Evidence in memory, read as if from a folder: thousands of changes can be tried in a second. */
export function memorySource(files: EvidenceFiles): EvidenceSource {
  return {
    name: "memory",
    hasArchive: false,
    show: (path) => path,
    read: (path, bytesMax) => Promise.resolve(files.get(path)?.subarray(0, bytesMax + 1)),
    open: (path) => {
      const bytes = files.get(path);
      return Promise.resolve(bytes && pieces(bytes));
    },
    list: (folder) => Promise.resolve([...files.keys()].filter((path) => path.startsWith(`${folder}/`))),
  };
}

/** In two pieces, so that blocks lie across them. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer, void> {
  const half = bytes.length >> 1;
  yield await Promise.resolve(bytes.subarray(0, half));
  yield bytes.subarray(half);
}
