import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { CommandError, EXIT } from "../commands/index.js";
import type { Control, TokenHolder } from "../control/index.js";
import { Refusal, STATUS } from "./answer.js";
import { evidenceFile } from "./serving.js";

/** Read at once. */
const PIECE_BYTES = 256 * 1024;

/** Where evidence begins; what follows is a path as in a home. */
export const EVIDENCE = "/v1/evidence/";

/** One file of the evidence, as it lies on the disk: recordings stay sealed. Throws Refusal. */
export async function evidence(control: Control, holder: TokenHolder, path: string): Promise<Response> {
  const handle = await openFile(await pathOf(control, holder, path));
  const stream = createReadStream("", { fd: handle, highWaterMark: PIECE_BYTES });
  const headers = { "content-type": "application/octet-stream" };
  return new Response(Readable.toWeb(stream) as ReadableStream, { headers });
}

async function pathOf(control: Control, holder: TokenHolder, path: string): Promise<string | undefined> {
  const { identity, isAdmin, isAuditor, commands } = holder;
  if (commands?.includes("verify") === false)
    throw new Refusal(STATUS.denied, EXIT.notPermitted, "this token is not for verify");
  try {
    return await evidenceFile(control, { name: identity, isAdmin, isAuditor, via: "http" }, path);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new Refusal(STATUS.denied, EXIT[error.code], error.message);
  }
}

async function openFile(path: string | undefined): Promise<FileHandle> {
  try {
    if (path !== undefined) return await open(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  throw new Refusal(STATUS.notFound, EXIT.notFound, "there is no such file of evidence");
}
