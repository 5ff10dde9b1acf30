import { readFile } from "node:fs/promises";
import { approvalsOf } from "./approvals-schema.js";
import { ConfigError } from "./config-error.js";
import { examplesSchema } from "./examples-schema.js";
import { examplesJsonSchema } from "./json-schema.js";
import { inOrder, mistakesOf } from "./mistakes.js";
import type { PolicyExample } from "./policy-example.js";
import { readYaml } from "./yaml-file.js";

/**
 * Reads the examples that an admin keeps beside a policy. Throws ConfigError: `unreadable`, or `invalid` with every mistake.
 */
export async function loadExamples(path: string): Promise<readonly PolicyExample[]> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new ConfigError("unreadable", path, [{ path: "", line: 1, message: "cannot be read" }], cause);
  });
  return parseExamples(text, path);
}

/** The same for the text of a file that would be at `path`. Throws ConfigError `invalid`. */
export function parseExamples(text: string, path: string): readonly PolicyExample[] {
  const file = readYaml(text);
  if (!("lineOf" in file)) throw new ConfigError("invalid", path, inOrder(file));
  const { success, data, error } = examplesSchema().safeParse(file.value);
  if (!success) throw new ConfigError("invalid", path, mistakesOf(error.issues, file, examplesJsonSchema));
  return data.map(({ for: durationMs, ticket, from, approvals, ...example }, position) => ({
    ...example,
    durationMs,
    line: file.lineOf([position]),
    ...(ticket !== undefined && { ticket }),
    ...(from !== undefined && { from }),
    ...(approvals !== undefined && { approvals: approvalsOf(approvals) }),
  }));
}
