import type { Socket } from "node:net";
import type { CommandOutcome, CommandRequest } from "../run-command.js";
import type { RawValues } from "../values.js";

/**
 * What crosses on `control.sock`: one line of JSON with the request, then lines of JSON with the answer: talk as it
 * comes, and one outcome at the end.
 */
export type AnswerLine = { readonly note: string } | { readonly outcome: CommandOutcome };

/** Longest request: an argument of 64 KiB and its escaping fit. */
export const REQUEST_CHARS_MAX = 512 * 1024;
/** Longest answer line: a list of 100,000 sessions fits. */
export const ANSWER_CHARS_MAX = 256 * 1024 * 1024;

export class LineError extends Error {
  override readonly name = "LineError";
}

/** Calls back for each whole line; a line over `charsMax` is a LineError, given to `onError` once. */
export function onLines(
  socket: Socket,
  charsMax: number,
  onLine: (line: string) => void,
  onError: (error: LineError) => void,
): void {
  let pending: string[] = [];
  let length = 0;
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const [first = "", ...rest] = chunk.split("\n");
    pending.push(first);
    length += first.length;
    for (const next of rest) {
      onLine(pending.join(""));
      pending = [next];
      length = next.length;
    }
    if (length <= charsMax) return;
    pending = [];
    socket.destroy();
    onError(new LineError("a line is too long"));
  });
}

/** Strictly decodes a request. Throws LineError. */
export function decodeRequest(line: string): CommandRequest {
  const value = parseObject(line);
  const { command, values, ...rest } = value;
  if (typeof command !== "string" || Object.keys(rest).length > 0 || !isRawValues(values))
    throw new LineError("a request is {command, values}, each value a list of texts");
  return { command, values };
}

/** Decodes a line of an answer; control is ours, so only its form is looked at. Throws LineError. */
export function decodeAnswer(line: string): AnswerLine {
  const value = parseObject(line);
  if (typeof value["note"] === "string" || typeof value["outcome"] === "object") return value as AnswerLine;
  throw new LineError("not an answer");
}

function isRawValues(values: unknown): values is RawValues {
  if (typeof values !== "object" || values === null || Array.isArray(values)) return false;
  return Object.values(values).every(
    (texts) => Array.isArray(texts) && texts.every((text) => typeof text === "string"),
  );
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new LineError("not a JSON object");
}
