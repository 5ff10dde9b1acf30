import type { EntryStore, Row } from "../../../../src/ledger/index.js";

/** A store that lives as long as its `disk`: passes the same contract as the real one, and can be made to fail. */
export class MemoryStore implements EntryStore {
  readonly disk: Map<number, Buffer>;
  /** Thrown by the next write; `persisted` says whether the rows got there all the same. */
  fault: { readonly error: Error; readonly persisted: boolean } | undefined;
  /** The same of one write, by its number from this store's first on. */
  faultAt: { readonly batch: number; readonly error: Error; readonly persisted: boolean } | undefined;
  #writes = 0;
  /** Sizes of the batches written. */
  readonly batches: number[] = [];
  /** While set, writes wait for it. */
  gate: Promise<void> | undefined;

  constructor(disk = new Map<number, Buffer>()) {
    this.disk = disk;
  }

  async write(rows: readonly Row[]): Promise<void> {
    await this.gate;
    const fault = this.faultAt?.batch === this.#writes++ ? this.faultAt : this.fault;
    if (fault === undefined || fault.persisted) {
      for (const { index, value } of rows) this.disk.set(index, Buffer.from(value));
      this.batches.push(rows.length);
    }
    if (fault !== undefined) throw fault.error;
  }

  read(from: number, countMax: number): Promise<readonly Row[]> {
    const rows: Row[] = [];
    const last = Math.max(-1, ...this.disk.keys());
    for (let index = from; index <= last && rows.length < countMax; index += 1) {
      const value = this.disk.get(index);
      if (value !== undefined) rows.push({ index, value });
    }
    return Promise.resolve(rows);
  }

  last(): Promise<number> {
    return Promise.resolve(Math.max(-1, ...this.disk.keys()));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
