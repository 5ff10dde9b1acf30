/**
 * Runs a command line; resolves with the exit status, with everything said that there is to say. The bastion's own
 * processes load their own rooms only: a proxy never reads the code that decides, and is there in half the time.
 */
export async function main(words: readonly string[]): Promise<number> {
  if (words[0] === "internal") {
    const { runInternal } = await import("./internal/run-internal.js");
    return runInternal(words[1]);
  }
  const { runProgram } = await import("./program.js");
  return runProgram(words);
}
