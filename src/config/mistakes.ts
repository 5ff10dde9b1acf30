import type { z } from "zod";
import type { ConfigMistake } from "./config.js";
import { configJsonSchema, knownKeysAt } from "./json-schema.js";
import { nearest } from "../wording/index.js";
import type { ValuePath, YamlFile } from "./yaml-file.js";

type Issue = z.core.$ZodIssue;

/** A schema's findings as mistakes, in the order of the file; `jsonSchema` tells which keys there are. */
export function mistakesOf(
  issues: readonly Issue[],
  file: YamlFile,
  jsonSchema: () => object = configJsonSchema,
): readonly ConfigMistake[] {
  const keysAt = (path: ValuePath): readonly string[] => knownKeysAt(path, jsonSchema());
  return inOrder(issues.flatMap((issue) => describeIssue(issue, file, keysAt)));
}

/** By line, and within one by path. */
export function inOrder(mistakes: readonly ConfigMistake[]): readonly ConfigMistake[] {
  return [...mistakes].sort((a, b) => a.line - b.line || (a.path < b.path ? -1 : 1));
}

/** One mistake at a place. */
export function mistakeAt(path: ValuePath, message: string, file: YamlFile): ConfigMistake {
  return { path: formatPath(path), line: file.lineOf(path), message };
}

function describeIssue(
  issue: Issue,
  file: YamlFile,
  keysAt: (path: ValuePath) => readonly string[],
): readonly ConfigMistake[] {
  const path = issue.path.map((step) => (typeof step === "symbol" ? String(step) : step));
  const meant = issue.code === "invalid_union" && isFilled(path, file) ? meantForm(issue.errors) : undefined;
  if (meant !== undefined) {
    return meant.flatMap((inner) =>
      describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, file, keysAt),
    );
  }
  if (issue.code !== "unrecognized_keys") return [mistakeAt(path, issue.message, file)];
  return issue.keys.map((key) => mistakeAt([...path, key], unknownKey(key, keysAt(path)), file));
}

/**
 * Of the forms that a value may have, the one that it was meant for, with what is wrong in it: the one that knows the most
 * of its keys. None when it has the shape of none, or of two alike; then all forms are named instead.
 */
function meantForm(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const shaped = forms.filter((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === "unrecognized_keys"),
  );
  const [best, next] = shaped
    .map((issues) => ({ issues, unknown: unknownKeys(issues) }))
    .sort((a, b) => a.unknown - b.unknown);
  return best !== undefined && best.unknown !== next?.unknown ? best.issues : undefined;
}

function isFilled(path: ValuePath, { value }: YamlFile): boolean {
  let at: unknown = value;
  for (const step of path)
    at =
      typeof at === "object" && at !== null
        ? Object.entries(at).find(([key]) => key === String(step))?.[1]
        : undefined;
  return typeof at === "object" && at !== null && Object.keys(at).length > 0;
}

/** At the top of the form; what is wrong further down says that it was meant. */
function unknownKeys(issues: readonly Issue[]): number {
  const top = issues.filter(({ path }) => path.length === 0);
  return top.reduce((sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 0), 0);
}

function unknownKey(key: string, known: readonly string[]): string {
  if (known.includes(key)) return "cannot stand beside the other keys here";
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
