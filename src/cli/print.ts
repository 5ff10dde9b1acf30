/**
 * Results go to stdout. Resolves when they are written, so that nothing is lost when the process ends: with false when nobody
 * reads them any more (`| head`), which is no failure. Rejects with what the system says.
 */
export function printResult(text: string | Uint8Array): Promise<boolean> {
  if (text.length === 0) return Promise.resolve(true);
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) resolve(true);
      else if ((error as NodeJS.ErrnoException).code === "EPIPE") resolve(false);
      else reject(error);
    });
  });
}

/** Results of any length, as far as somebody reads them. */
export async function printPieces(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces) if (!(await printResult(piece))) return;
}

/** A stream that cannot be written to tells it twice; the write that failed has been told, or is one of a note. */
export function surviveClosedStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}

/** Talk goes to stderr. */
export function printNote(line: string): void {
  process.stderr.write(`${line}\n`);
}

export async function printJson(value: unknown): Promise<void> {
  await printResult(`${JSON.stringify(value, undefined, 2)}\n`);
}
