import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";

/** A path leads out of the home folder. */
export class OutsideHomeError extends Error {
  override readonly name = "OutsideHomeError";
}

/**
 * The real path that a client means: relative to `home`, all links on the way resolved, and the last one too unless
 * `follow` is false. What does not exist yet may be named if its folder exists.
 * Known hole: a link made between this look and the use of its answer is followed. Who can make one has a shell here.
 *
 * @throws {OutsideHomeError} when that is not below `home`, which itself must be a real path
 */
export async function pathInHome(home: string, path: string, { follow = true } = {}): Promise<string> {
  const wanted = resolve(home, path);
  const real = wanted === home ? home : await realPath(wanted, follow);
  if (real !== home && !real.startsWith(home + sep))
    throw new OutsideHomeError(`${path} is outside of the home folder`);
  return real;
}

async function realPath(wanted: string, follow: boolean): Promise<string> {
  if (follow) {
    try {
      return await realpath(wanted);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return join(await realpath(dirname(wanted)), basename(wanted));
}
