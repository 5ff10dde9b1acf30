import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Pair,
} from "yaml";
import type { ConfigMistake } from "./config.js";

/** Place of a value: keys and positions from the top. */
export type ValuePath = readonly (string | number)[];

/** A YAML file as plain values, and the lines that they stand on. */
export interface YamlFile {
  readonly value: unknown;
  /** Line, from 1, of the value at `path`, or of what comes nearest above it when nothing is there. */
  lineOf(path: ValuePath): number;
}

/** Aliases may multiply what a file says at most this often. */
const ALIASES_MAX = 100;

/**
 * Reads YAML 1.2: one document, no duplicate keys, no unknown tags. Returns all that is wrong with it instead, in the
 * parser's words.
 */
export function readYaml(text: string): YamlFile | readonly ConfigMistake[] {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    version: "1.2",
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    return faults.map(({ message, pos: [at] }) => ({ path: "", line: lines.linePos(at).line, message }));
  }
  const hidden = prototypeKeys(document, lines);
  if (hidden.length > 0) return hidden;
  try {
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    return { value, lineOf: (path) => lineOf(document, lines, path) };
  } catch {
    return [{ path: "", line: 1, message: `expected at most ${ALIASES_MAX} uses of aliases` }];
  }
}

/** `__proto__` as a key: the schema would pass over it without a word. */
function prototypeKeys(document: Document, lines: LineCounter): readonly ConfigMistake[] {
  const found: ConfigMistake[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (keyText(key) !== "__proto__") return;
      found.push({
        path: "",
        line: lines.linePos(offsetOf(key) ?? 0).line,
        message: "__proto__ is not known",
      });
    },
  });
  return found;
}

function lineOf(document: Document, lines: LineCounter, path: ValuePath): number {
  let node: unknown = document.contents;
  let offset = offsetOf(node) ?? 0;
  for (const step of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => keyText(key) === String(step)) : undefined;
    const next: unknown =
      pair === undefined ? (isSeq(node) ? node.items[Number(step)] : undefined) : pair.value;
    if (next === undefined && pair === undefined) break;
    offset = (pair === undefined ? offsetOf(next) : pairOffset(pair)) ?? offset;
    node = next;
  }
  return lines.linePos(offset).line;
}

/** A short value stands for itself; a map, a list or nothing is found by its key. */
function pairOffset({ key, value }: Pair): number | undefined {
  return isScalar(value) && value.value !== null ? offsetOf(value) : offsetOf(key);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}
