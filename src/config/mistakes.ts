import type { z } from "zod";
import type { ConfigMistake } from "./config.js";
import { knownKeysAt } from "./json-schema.js";
import { nearest } from "./nearest.js";
import type { ValuePath, YamlFile } from "./yaml-file.js";

type Issue = z.core.$ZodIssue;

/** The schema's findings as mistakes, in the order of the file. */
export function mistakesOf(issues: readonly Issue[], file: YamlFile): readonly ConfigMistake[] {
  return inOrder(issues.flatMap((issue) => describeIssue(issue, file)));
}

/** By line, and within one by path. */
export function inOrder(mistakes: readonly ConfigMistake[]): readonly ConfigMistake[] {
  return [...mistakes].sort((a, b) => a.line - b.line || (a.path < b.path ? -1 : 1));
}

/** One mistake at a place. */
export function mistakeAt(path: ValuePath, message: string, file: YamlFile): ConfigMistake {
  return { path: formatPath(path), line: file.lineOf(path), message };
}

function describeIssue(issue: Issue, file: YamlFile): readonly ConfigMistake[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  if (issue.code !== "unrecognized_keys") return [mistakeAt(path, issue.message, file)];
  return issue.keys.map((key) => mistakeAt([...path, key], unknownKey(key, knownKeysAt(path)), file));
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known);
  return meant === undefined
    ? `is not known; expected one of ${known.join(", ")}`
    : `is not known; did you mean ${meant}?`;
}

/** `targets.prod-db-1.hostKeys[0]`; what is not a plain name is quoted, whatever it holds. */
function formatPath(path: ValuePath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += `${text === "" ? "" : "."}${/^[A-Za-z0-9_*./-]+$/.test(step) ? step : quote(step)}`;
  }
  return text;
}

/** Printable ASCII only: the file may hold terminal escapes. */
function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64)).replace(/[^\x20-\x7e]/gu, "?");
}
