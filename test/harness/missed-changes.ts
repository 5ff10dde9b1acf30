import { randomFrom } from "../crash/random.js";
import { verifyEvidence, type EvidenceReport } from "../../src/evidence/index.js";
import type { EvidenceFiles } from "./evidence-folder.js";
import { memorySource } from "./memory-source.js";

export interface ChangesWish {
  readonly seed: number;
  /** Bytes changed of each file, beside its first and its last. */
  readonly places: number;
}

/**
 * Changes whole evidence in every way that somebody with all rights on the machine could, one at a time: bytes, cut short, made
 * longer, taken away, two recordings in each other's place. Gives what `verifyEvidence` did not find, or did not name.
 */
export async function missedChanges(files: EvidenceFiles, wish: ChangesWish): Promise<string[]> {
  const missed: string[] = [];
  const look = async (what: string, named: readonly string[], changes: Changes): Promise<void> => {
    const changed = new Map(files);
    for (const [path, bytes] of changes)
      if (bytes === undefined) changed.delete(path);
      else changed.set(path, bytes);
    const report = await verifyEvidence(memorySource(changed));
    for (const path of named) if (!names(report, path)) missed.push(`${path}: ${what}`);
    const blamed = report.faults.filter(({ where }) => !named.includes(where));
    // without its list of keys nobody knows whose the signatures are
    if (!named.includes("ledger/verifiers"))
      for (const { where, code } of blamed) missed.push(`${named.join()}: ${what} blames ${where} (${code})`);
  };
  const random = randomFrom(wish.seed);
  for (const [path, bytes] of files) {
    const { length } = bytes;
    const drawn = Array.from({ length: wish.places }, () => Math.floor(random() * length));
    for (const at of new Set([0, length - 1, ...drawn])) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8((bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8)), at);
      await look(`byte ${at} of ${length}`, [path], [[path, changed]]);
    }
    for (const left of [0, length >> 1, length - 1])
      await look(`cut to ${left} bytes`, [path], [[path, bytes.subarray(0, left)]]);
    await look("a byte more", [path], [[path, Buffer.concat([bytes, Buffer.of(7)])]]);
    if (!isSpare(path, files)) await look("gone", [path], [[path, undefined]]);
  }
  const [one, other] = [...files.keys()].filter((path) => path.startsWith("recordings/"));
  if (one !== undefined && other !== undefined)
    await look(
      "swapped",
      [one, other],
      [
        [one, files.get(other)],
        [other, files.get(one)],
      ],
    );
  return missed;
}

type Changes = readonly (readonly [path: string, bytes: Buffer | undefined])[];

function names({ faults }: EvidenceReport, path: string): boolean {
  return faults.some(({ where }) => where === path);
}

/** A narrower tile of an older checkpoint: without it the evidence is as good. */
function isSpare(path: string, files: EvidenceFiles): boolean {
  const [, tile, width] = /^(.*)\.p\/(\d+)$/u.exec(path) ?? [];
  const widths = [...files.keys()]
    .filter((one) => one.startsWith(`${tile}.p/`))
    .map((one) => Number(one.split("/").at(-1)));
  return tile !== undefined && Number(width) < Math.max(...widths);
}
