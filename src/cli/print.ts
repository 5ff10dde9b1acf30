/** Results go to stdout. Resolves when they are written, so that nothing is lost when the process ends. */
export function printResult(text: string | Uint8Array): Promise<void> {
  if (text.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      // whoever read our output has had enough (`| head`): that is no failure
      if (error && (error as NodeJS.ErrnoException).code !== "EPIPE") reject(error);
      else resolve();
    });
  });
}

/** Talk goes to stderr. */
export function printNote(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): Promise<void> {
  return printResult(`${JSON.stringify(value, undefined, 2)}\n`);
}
