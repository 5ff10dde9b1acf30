import { constants, createReadStream } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { EvidenceError } from "./evidence-error.js";
import type { EvidenceSource } from "./evidence-source.js";

/** Read at once of a recording. */
const PIECE_BYTES = 256 * 1024;

/** Where a home's parts lie; `recordings` and `archive` are the folders that the configuration names. */
export interface HomeFolders {
  readonly home: string;
  readonly recordings: string;
  readonly archive?: string | undefined;
}

/** The evidence in the folders of a home, or of a copy of one. Nothing is locked: a bastion may be at work on it. */
export function homeSource({ home, recordings, archive }: HomeFolders): EvidenceSource {
  const root = resolve(home);
  const file = (path: string): string => {
    const [first, ...rest] = path.split("/");
    if (rest.includes("..") || first === "..") throw new TypeError(`not a path of evidence: ${path}`);
    if (first === "recordings") return join(recordings, ...rest);
    return first === "archive" ? join(archive ?? join(root, first), ...rest) : join(root, path);
  };
  return {
    name: home,
    hasArchive: archive !== undefined,
    file,
    show: (path) => shownPath(root, file(path)),
    read: (path, bytesMax) => readWhole(file(path), bytesMax),
    open: (path) => openPieces(file(path)),
    list: (folder) => listBelow(file(folder), folder),
  };
}

function shownPath(root: string, path: string): string {
  const below = relative(root, path);
  return below.startsWith("..") ? path : below.split(sep).join("/");
}

async function readWhole(path: string, bytesMax: number): Promise<Buffer | undefined> {
  const handle = await openFile(path);
  if (handle === undefined) return undefined;
  try {
    const bytes = Buffer.alloc(Math.min((await handle.stat()).size, bytesMax + 1));
    let length = 0;
    for (let got = -1; got !== 0 && length < bytes.length; length += got)
      got = (await handle.read(bytes, length, bytes.length - length, length)).bytesRead;
    return bytes.subarray(0, length);
  } catch (error) {
    throw asUnreadable(error, path);
  } finally {
    await handle.close();
  }
}

async function openPieces(path: string): Promise<AsyncIterable<Buffer> | undefined> {
  const handle = await openFile(path);
  return handle === undefined ? undefined : pieces(handle, path);
}

async function* pieces(handle: FileHandle, path: string): AsyncGenerator<Buffer, void> {
  const stream = createReadStream("", { fd: handle, highWaterMark: PIECE_BYTES });
  try {
    for await (const piece of stream) yield piece as Buffer;
  } catch (error) {
    throw asUnreadable(error, path);
  } finally {
    stream.destroy();
  }
}

/** Undefined for what is no file as well: who puts a folder or a pipe in its place has taken it away, and must not keep us waiting. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    await handle?.close();
    if (isMissing(error)) return undefined;
    throw asUnreadable(error, path);
  }
}

async function listBelow(path: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => [folder, ...relative(path, join(entry.parentPath, entry.name)).split(sep)].join("/"));
  } catch (error) {
    if (isMissing(error)) return [];
    throw asUnreadable(error, path);
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ENXIO"; // the last: a socket
}

function asUnreadable(error: unknown, path: string): unknown {
  if (error instanceof EvidenceError || !(error instanceof Error)) return error;
  const { code = error.message } = error as NodeJS.ErrnoException;
  return new EvidenceError("unreadable", `cannot read ${path} (${code})`, { where: path, cause: error });
}
