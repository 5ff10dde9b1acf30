import * as fs from "node:fs/promises";
import { join } from "node:path";
import { endSftp, sftpStatus, type SftpServer } from "../ssh2/index.js";
import {
  attributesOf,
  listEntry,
  openFlags,
  setAttributes,
  type WantedAttributes,
} from "./file-attributes.js";
import { OutsideHomeError, pathInHome } from "./home-path.js";

/** One client keeps at most this many files and folders open. */
const handlesMax = 64;
/** The most that one read answers with; OpenSSH asks for 32 KiB, and learns no limit from us. */
const readBytesMax = 256 * 1024;
/** Names in one answer to a READDIR: far below what fills a packet. */
const namesMax = 64;

/** A refusal of ours: a status of the protocol. */
class StatusError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`status ${status}`);
    this.status = status;
  }
}

type Opened = { readonly file: fs.FileHandle } | { readonly folder: string; readonly names: string[] };

/**
 * The SFTP subsystem (draft-ietf-secsh-filexfer-02, protocol version 3) over the files below `home`, a real path. Links
 * are read and never made; what lies outside of `home` is refused.
 */
export function serveFiles(sftp: SftpServer, home: string): void {
  const opened = new Map<string, Opened>();
  let handles = 0;
  const at = (path: string) => pathInHome(home, path);
  const linkAt = (path: string) => pathInHome(home, path, { follow: false });

  /**
   * Runs a request which answers itself, unless it throws. One after the other: section 6 would let us answer out of
   * order, but scp of OpenSSH 9.2 then cuts a downloaded file off at the first answer that overtook another, silently.
   */
  let turn = Promise.resolve();
  const serve = (id: number, work: () => Promise<void>): void => {
    turn = turn.then(work).catch((error: unknown) => sftp.status(id, statusOf(error)));
  };
  /** Runs a request to whose success there is nothing to say. */
  const complete = (id: number, work: () => Promise<void>): void => {
    serve(id, () => work().then(() => sftp.status(id, sftpStatus.OK)));
  };
  const giveHandle = (id: number, what: Opened): void => {
    const handle = String(handles++);
    opened.set(handle, what);
    sftp.handle(id, Buffer.from(handle));
  };
  const checkRoom = () => {
    if (opened.size >= handlesMax) throw new StatusError(sftpStatus.FAILURE);
  };
  const fileOf = (handle: Buffer): fs.FileHandle => {
    const found = opened.get(handle.toString());
    if (found === undefined || !("file" in found)) throw new StatusError(sftpStatus.FAILURE);
    return found.file;
  };

  sftp.on("OPEN", (id, path, flags, { mode = 0o666 }: WantedAttributes) => {
    serve(id, async () => {
      checkRoom();
      giveHandle(id, { file: await fs.open(await at(path), openFlags(flags), mode) });
    });
  });
  sftp.on("READ", (id, handle, offset, length) => {
    serve(id, async () => {
      const buffer = Buffer.alloc(Math.min(length, readBytesMax));
      const { bytesRead } = await fileOf(handle).read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0) throw new StatusError(sftpStatus.EOF);
      sftp.data(id, buffer.subarray(0, bytesRead));
    });
  });
  sftp.on("WRITE", (id, handle, offset, data) => {
    const bytes = Buffer.from(data); // ssh2 owns `data` only until we return
    complete(id, async () => {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await fileOf(handle).write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    });
  });
  sftp.on("CLOSE", (id, handle) => {
    complete(id, async () => {
      const found = opened.get(handle.toString());
      opened.delete(handle.toString());
      if (found === undefined) throw new StatusError(sftpStatus.FAILURE);
      if ("file" in found) await found.file.close();
    });
  });

  sftp.on("OPENDIR", (id, path) => {
    serve(id, async () => {
      checkRoom();
      const folder = await at(path);
      giveHandle(id, { folder, names: [".", "..", ...(await fs.readdir(folder))] });
    });
  });
  sftp.on("READDIR", (id, handle) => {
    serve(id, async () => {
      const found = opened.get(handle.toString());
      if (found === undefined || !("folder" in found)) throw new StatusError(sftpStatus.FAILURE);
      const names = found.names.splice(0, namesMax);
      if (names.length === 0) throw new StatusError(sftpStatus.EOF);
      const entries = names.map(async (name) => listEntry(name, await fs.lstat(join(found.folder, name))));
      sftp.name(id, await Promise.all(entries));
    });
  });
  sftp.on("MKDIR", (id, path, { mode = 0o777 }: WantedAttributes) => {
    complete(id, async () => fs.mkdir(await at(path), mode));
  });
  sftp.on("RMDIR", (id, path) => complete(id, async () => fs.rmdir(await linkAt(path))));

  const giveAttributes = (id: number, look: () => Promise<Parameters<typeof attributesOf>[0]>) => {
    serve(id, async () => {
      sftp.attrs(id, attributesOf(await look()));
    });
  };
  sftp.on("STAT", (id, path) => giveAttributes(id, async () => fs.stat(await at(path))));
  sftp.on("LSTAT", (id, path) => giveAttributes(id, async () => fs.lstat(await linkAt(path))));
  sftp.on("FSTAT", (id, handle) => giveAttributes(id, async () => fileOf(handle).stat()));
  sftp.on("SETSTAT", (id, path, wanted: WantedAttributes) => {
    complete(id, async () => {
      const file = await fs.open(await at(path));
      await setAttributes(file, wanted).finally(() => file.close());
    });
  });
  sftp.on("FSETSTAT", (id, handle, wanted: WantedAttributes) => {
    complete(id, async () => setAttributes(fileOf(handle), wanted));
  });

  const giveName = (id: number, look: () => Promise<string>) => {
    serve(id, async () => {
      const filename = await look();
      const attrs = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 }; // not looked at: section 6.11
      sftp.name(id, [{ filename, longname: filename, attrs }]);
    });
  };
  sftp.on("REALPATH", (id, path) => giveName(id, () => at(path)));
  sftp.on("READLINK", (id, path) => giveName(id, async () => fs.readlink(await linkAt(path))));
  sftp.on("REMOVE", (id, path) => complete(id, async () => fs.unlink(await linkAt(path))));
  sftp.on("RENAME", (id, from, to) => {
    complete(id, async () => {
      const [source, destination] = [await linkAt(from), await linkAt(to)];
      // Version 3 refuses to replace (section 6.5), and rename(2) does not.
      if (await exists(destination)) throw new StatusError(sftpStatus.FAILURE);
      await fs.rename(source, destination);
    });
  });

  sftp.on("error", () => endSftp(sftp, 1));
  sftp.on("end", () => endSftp(sftp, 0));
  sftp.on("close", () => {
    for (const what of opened.values()) if ("file" in what) void what.file.close();
    opened.clear();
  });
}

async function exists(path: string): Promise<boolean> {
  return fs.lstat(path).then(
    () => true,
    () => false,
  );
}

function statusOf(error: unknown): number {
  if (error instanceof StatusError) return error.status;
  if (error instanceof OutsideHomeError) return sftpStatus.PERMISSION_DENIED;
  switch ((error as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return sftpStatus.NO_SUCH_FILE;
    case "EACCES":
    case "EPERM":
      return sftpStatus.PERMISSION_DENIED;
    default:
      return sftpStatus.FAILURE;
  }
}
