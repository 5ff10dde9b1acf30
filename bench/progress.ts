/** Says on stderr what is being measured; stdout is for results. */
export interface Progress {
  say(what: string): void;
  end(): void;
}

/** One line that changes on a terminal, a line each with `--progress`, silence otherwise. */
export function openProgress(wanted: boolean): Progress {
  const { stderr } = process;
  if (stderr.isTTY)
    return {
      say: (what) => stderr.write(`\r\x1b[K${what.slice(0, stderr.columns - 1)}`),
      end: () => stderr.write("\r\x1b[K"),
    };
  return { say: (what) => (wanted ? stderr.write(`${what}\n`) : undefined), end: () => undefined };
}
