import type { RecordingFile } from "../../../src/recording/index.js";

/** `half` writes one half and then fails, as a disk does that fills up. */
export const faults = ["failed", "failed but persisted", "half"] as const;
export type Fault = (typeof faults)[number];

/** One step that goes wrong: the nth of all, by a system error's code. */
export interface Plan {
  readonly at: number;
  readonly fault: Fault;
  readonly code: "ENOSPC" | "EIO";
}

/** A recording's file in memory of which one step fails. What comes behind works again: the writer must not try it. */
export class FaultyFile implements RecordingFile {
  readonly #plan: Plan;
  readonly steps: string[] = [];
  /** What the system has. */
  bytes: Buffer = Buffer.alloc(0);
  /** What the disk had after the last sync that succeeded. */
  synced: Buffer = Buffer.alloc(0);
  /** The step that failed. */
  failed: string | undefined;
  #isHalfDone = false;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** What was still done after that. */
  get behind(): readonly string[] {
    return this.steps.slice(this.#plan.at);
  }

  /** To be called as the file is made. */
  create(): Promise<RecordingFile> {
    return this.#later("create", () => this);
  }

  write(bytes: Buffer, offset: number, length: number): number {
    const isDue = this.#isDue("write");
    const half = this.#plan.fault === "half" && isDue && !this.#isHalfDone;
    const taken = half ? Math.floor(length / 2) : length;
    if (!isDue || this.#plan.fault !== "failed")
      this.bytes = Buffer.concat([this.bytes, bytes.subarray(offset, offset + taken)]);
    this.#isHalfDone ||= half;
    if (half && taken > 0) return taken;
    if (isDue) throw this.#error("write");
    return taken;
  }

  syncData(): Promise<void> {
    return this.#later("syncData", () => void (this.synced = this.bytes));
  }

  sync(): Promise<void> {
    return this.#later("sync", () => void (this.synced = this.bytes));
  }

  close(): Promise<void> {
    return this.#later("close", () => undefined);
  }

  async #later<T>(step: string, work: () => T): Promise<T> {
    const isDue = this.#isDue(step);
    await Promise.resolve();
    if (!isDue) return work();
    if (this.#plan.fault !== "failed") work();
    throw this.#error(step);
  }

  #isDue(step: string): boolean {
    // the rest of a write that was cut in half is the same step
    if (this.#isHalfDone && this.failed === undefined) return true;
    this.steps.push(step);
    return this.steps.length === this.#plan.at;
  }

  #error(step: string): Error {
    this.failed = step;
    const { code } = this.#plan;
    return Object.assign(new Error(`${code}: injected at ${step}`), { code });
  }
}
