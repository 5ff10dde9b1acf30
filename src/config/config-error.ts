import type { ConfigMistake } from "./config.js";

export type ConfigErrorCode =
  | "unreadable" // the file is not there, not to be read, or too long
  | "invalid";

/** Why there is no configuration. The message has a line for each mistake, `file:line: path: what was expected`. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  /** In the order of the file. */
  readonly mistakes: readonly ConfigMistake[];

  constructor(code: ConfigErrorCode, file: string, mistakes: readonly ConfigMistake[], cause?: unknown) {
    super(mistakes.map((mistake) => describeMistake(file, mistake)).join("\n"), { cause });
    this.code = code;
    this.mistakes = mistakes;
  }
}

/** One mistake or warning as a line for the operator. */
export function describeMistake(file: string, { path, line, message }: ConfigMistake): string {
  return `${file}:${line}: ${path === "" ? "" : `${path}: `}${message}`;
}
