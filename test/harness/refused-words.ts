import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSaltedWords, type RefusedWords } from "../../src/access/index.js";

/** What a home still knows of what refused people had asked for, by its salted hash. */
export function refusedWords(home: string): ReadonlyMap<string, RefusedWords> {
  const lines = readFileSync(join(home, "salts"), "utf8").split("\n");
  return new Map(
    lines.flatMap((line) => {
      const known = parseSaltedWords(line);
      return known === undefined ? [] : [[known.hash, known.words] as const];
    }),
  );
}
