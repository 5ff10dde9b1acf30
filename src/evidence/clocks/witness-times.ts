import type { SignedCheckpoint } from "../signed-checkpoint.js";

/** Entries that were there at a time, by a witness' clock. */
export interface SeenBy {
  /** The witness' key. */
  readonly name: string;
  readonly atMs: number;
}

interface Point extends SeenBy {
  readonly index: number;
}

/**
 * What witnesses' clocks say of when entries were written. A cosignature of a tree says that every entry in it is older; an entry
 * that has a cosignature in it says that it, and every entry behind it, is newer.
 */
export class WitnessTimes {
  #before: Point[] = [];
  #after: Point[] = [];
  #isInOrder = true;

  /** Entries below `size` were there at that time. */
  wereThere(size: number, by: SeenBy): void {
    this.#before.push({ ...by, index: size });
    this.#isInOrder = false;
  }

  /** Entry `index` and those behind it were written after that time. */
  cameLater(index: number, by: SeenBy): void {
    this.#after.push({ ...by, index });
    this.#isInOrder = false;
  }

  /** When an entry was there at the latest; undefined when no witness has seen it. */
  latest(index: number): SeenBy | undefined {
    this.#order();
    return this.#before[countUpTo(this.#before, index)];
  }

  /** When an entry was written at the earliest; undefined when nothing of a witness stands before it. */
  earliest(index: number): SeenBy | undefined {
    this.#order();
    return this.#after[countUpTo(this.#after, index) - 1];
  }

  /** By entries; what another point says more sharply, it says for both. */
  #order(): void {
    if (this.#isInOrder) return;
    this.#isInOrder = true;
    this.#before.sort((a, b) => b.index - a.index);
    this.#before = this.#before.map(running((a, b) => a.atMs <= b.atMs)).reverse();
    this.#after.sort((a, b) => a.index - b.index);
    this.#after = this.#after.map(running((a, b) => a.atMs >= b.atMs));
  }
}

/** Each point with the time of the best one so far. */
function running(isBetter: (a: Point, b: Point) => boolean): (point: Point) => Point {
  let best: Point | undefined;
  return (point) => {
    if (best === undefined || isBetter(point, best)) best = point;
    return { ...best, index: point.index };
  };
}

/** How many points are of entries up to `index`. */
function countUpTo(points: readonly Point[], index: number): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.index ?? Infinity) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What witnesses' signatures of checkpoints say of the time. */
export function timesOf(checkpoints: readonly SignedCheckpoint[]): WitnessTimes {
  const times = new WitnessTimes();
  for (const { size, by } of checkpoints) for (const one of by) times.wereThere(size, one);
  return times;
}
