import type { DiskLevel, DiskPlace } from "../../access/index.js";
import type { DiskSettings } from "../../config/index.js";
import type { Ballast } from "./ballast.js";
import { levelOf, marksOf, type DiskMarks } from "./disk-level.js";
import type { FreeSpace, Space } from "./free-space.js";

/** Of a file system no more than this part is taken up by ballast. */
const BALLAST_SHARE = 32;

/** How one of the two places stands. */
export interface PlaceReport {
  readonly where: DiskPlace;
  readonly path: string;
  readonly level: DiskLevel;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly marks: DiskMarks;
  readonly ballastBytes: number;
  /** What the file system said when it could not be asked. */
  readonly fault?: string;
}

/** The recordings' or the home's file system: its room, its level, its ballast. */
export class DiskPlaceWatch {
  readonly where: DiskPlace;
  readonly path: string;
  readonly #ballast: Ballast;
  readonly #freeSpace: FreeSpace;
  #space: Space = { device: "", freeBytes: 0, totalBytes: 0 };
  #marks: DiskMarks = { warnBelow: 0, fullBelow: 0, criticalBelow: 0 };
  #level: DiskLevel = "ok";
  #fault: string | undefined;

  constructor(where: DiskPlace, path: string, ballast: Ballast, freeSpace: FreeSpace) {
    this.where = where;
    this.path = path;
    this.#ballast = ballast;
    this.#freeSpace = freeSpace;
  }

  get level(): DiskLevel {
    return this.#level;
  }

  get ballast(): Ballast {
    return this.#ballast;
  }

  get marks(): DiskMarks {
    return this.#marks;
  }

  /** Free bytes as if the ballast were there: giving it up makes nothing better. */
  freeBytes(settings: DiskSettings): number {
    const missing = Math.max(0, this.ballastBytes(settings) - this.#ballast.bytes);
    return Math.max(0, this.#space.freeBytes - missing);
  }

  /** How large the ballast is to be here. */
  ballastBytes({ ballastBytes }: DiskSettings): number {
    return Math.min(ballastBytes, Math.floor(this.#space.totalBytes / BALLAST_SHARE));
  }

  /** Measures, and says the level. A file system that cannot be asked keeps the level that it had. */
  async look(settings: DiskSettings, liveSessions: number): Promise<DiskLevel> {
    try {
      this.#space = await this.#freeSpace.measure(this.path);
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
      return this.#level;
    }
    this.#marks = marksOf(settings, this.#space, liveSessions);
    const space = { ...this.#space, freeBytes: this.freeBytes(settings) };
    return (this.#level = levelOf(space, this.#marks, this.#level));
  }

  /** Writes the ballast where it is missing, of another size, and there is room for it. Says whether it wrote. */
  async restore(settings: DiskSettings): Promise<boolean> {
    const bytes = this.ballastBytes(settings);
    const isBetterThanFull = this.#level === "ok" || this.#level === "low";
    if (!isBetterThanFull || this.#fault !== undefined || this.#ballast.bytes === bytes) return false;
    if (bytes === 0) await this.#ballast.release();
    else await this.#ballast.make(bytes);
    return true;
  }

  report(settings: DiskSettings): PlaceReport {
    return {
      ...{ where: this.where, path: this.path, level: this.#level, marks: this.#marks },
      ...{ freeBytes: this.freeBytes(settings), totalBytes: this.#space.totalBytes },
      ballastBytes: this.#ballast.bytes,
      ...(this.#fault !== undefined && { fault: this.#fault }),
    };
  }
}
