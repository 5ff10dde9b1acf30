import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { EXIT } from "../../commands/index.js";
import { exportRecording, type ExportFormat } from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { printPieces } from "../print.js";
import { openFound, type KeyFiles } from "./open-found.js";

export interface ExportWish extends KeyFiles {
  readonly format: ExportFormat;
  readonly channel?: number;
  readonly keys?: boolean;
  /** A file instead of stdout; not overwritten. */
  readonly output?: string;
}

/** Writes a session or a file in another format. Gives the exit status. */
export async function exportCommand(what: string, wish: ExportWish, hints: HomeHints): Promise<number> {
  const { format, key, apartKey, output, ...options } = wish;
  const { reader } = await openFound(what, "export", { key, apartKey }, hints);
  try {
    const pieces = exportRecording(reader, format, options);
    if (output === undefined) await printPieces(pieces);
    else await writeFile(output, pieces).catch((error: unknown) => refuseToOverwrite(error, output));
    return EXIT.done;
  } finally {
    await reader.close();
  }
}

async function writeFile(path: string, pieces: AsyncIterable<Buffer>): Promise<void> {
  const file = createWriteStream(path, { flags: "wx", mode: 0o600 });
  const written = finished(file);
  written.catch(() => undefined); // heard below; it may fail while a piece is still being read
  for await (const piece of pieces) if (!file.write(piece)) await Promise.race([drained(file), written]);
  file.end();
  await written;
}

function refuseToOverwrite(error: unknown, path: string): never {
  if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  throw new CliError(
    EXIT.failed,
    `${path} is there already`,
    "an export overwrites nothing: name another file",
  );
}

function drained(file: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => file.once("drain", resolve));
}
