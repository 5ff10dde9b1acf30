import type { EntryStore, Row } from "../../../../src/ledger/index.js";

/** A store that lives as long as its `disk`: passes the same contract as the real one, and can be made to fail. */
export class MemoryStore implements EntryStore {
  readonly disk: Map<number, Buffer>;
  /** Thrown by the next write; `persisted` says whether the rows got there all the same. */
  fault: { readonly error: Error; readonly persisted: boolean } | undefined;
  /** Sizes of the batches written. */
  readonly batches: number[] = [];
  /** While set, writes wait for it. */
  gate: Promise<void> | undefined;

  constructor(disk = new Map<number, Buffer>()) {
    this.disk = disk;
  }

  async write(rows: readonly Row[]): Promise<void> {
    await this.gate;
    if (this.fault === undefined || this.fault.persisted) {
      for (const { index, value } of rows) this.disk.set(index, Buffer.from(value));
      this.batches.push(rows.length);
    }
    if (this.fault !== undefined) throw this.fault.error;
  }

  read(from: number, countMax: number): Promise<readonly Row[]> {
    const indexes = [...this.disk.keys()].filter((index) => index >= from).sort((a, b) => a - b);
    return Promise.resolve(
      indexes.slice(0, countMax).map((index) => ({ index, value: this.disk.get(index)! })),
    );
  }

  last(): Promise<number> {
    return Promise.resolve(Math.max(-1, ...this.disk.keys()));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
