import { constants, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { sftpOpenMode, type SftpAttributes, type SftpEntry } from "../ssh2/index.js";

/** Attributes as a client sends them: each may be left out. */
export type WantedAttributes = Partial<SftpAttributes>;

export function attributesOf(stats: Stats): SftpAttributes {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = stats;
  return { mode, uid, gid, size, atime: Math.floor(atimeMs / 1000), mtime: Math.floor(mtimeMs / 1000) };
}

export async function setAttributes(file: FileHandle, wanted: WantedAttributes): Promise<void> {
  const { size, mode, atime, mtime } = wanted;
  if (size !== undefined) await file.truncate(size);
  if (mode !== undefined) await file.chmod(mode & 0o7777);
  if (atime !== undefined && mtime !== undefined) await file.utimes(atime, mtime);
}

/** The flags of open(2) for those of SSH_FXP_OPEN. */
export function openFlags(asked: number): number {
  const has = (flag: number) => (asked & flag) !== 0;
  const { READ, WRITE, APPEND, CREAT, TRUNC, EXCL } = sftpOpenMode;
  const access = has(WRITE) ? (has(READ) ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY;
  return (
    access |
    (has(APPEND) ? constants.O_APPEND : 0) |
    (has(CREAT) ? constants.O_CREAT : 0) |
    (has(TRUNC) ? constants.O_TRUNC : 0) |
    (has(EXCL) ? constants.O_EXCL : 0)
  );
}

/** An entry of a folder's list, with the line that clients print for `ls -l`. */
export function listEntry(filename: string, stats: Stats): SftpEntry {
  const kind = stats.isDirectory() ? "d" : stats.isSymbolicLink() ? "l" : "-";
  const letters = ["r", "w", "x"];
  const permissions = Array.from({ length: 9 }, (_, bit) =>
    stats.mode & (0o400 >> bit) ? letters[bit % 3] : "-",
  );
  const numbers = [stats.nlink, stats.uid, stats.gid, stats.size].join(" ");
  const when = stats.mtime.toISOString().slice(0, 16).replace("T", " ");
  return {
    filename,
    longname: `${kind}${permissions.join("")} ${numbers} ${when} ${filename}`,
    attrs: attributesOf(stats),
  };
}
