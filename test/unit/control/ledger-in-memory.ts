import {
  emptyState,
  fold,
  parseAccessEvent,
  type AccessEvent,
  type State,
} from "../../../src/access/index.js";
import type { Clocks } from "../../../src/control/index.js";

/** As a keeper: what is true is the fold of what was recorded. A test may look at it, or have the next record fail. */
export class LedgerInMemory {
  readonly state: State = emptyState();
  readonly entries: AccessEvent[] = [];
  /** Told of an event before it is written; what it throws is what `record` rejects with. */
  beforeRecord: (event: AccessEvent) => void = () => undefined;
  /** The same right after. */
  afterRecord: (event: AccessEvent) => void = () => undefined;
  readonly #clocks: Clocks;
  readonly #watchers: ((record: { index: number; atMs: number; entry: AccessEvent }) => void)[] = [];

  constructor(clocks: Clocks, events: readonly AccessEvent[] = []) {
    this.#clocks = clocks;
    for (const event of events) this.#write(event);
  }

  record(event: AccessEvent): Promise<void> {
    return Promise.resolve().then(() => {
      this.beforeRecord(event);
      this.#write(event);
      this.afterRecord(event);
    });
  }

  watch(watcher: (record: { index: number; atMs: number; entry: AccessEvent }) => void): void {
    this.#watchers.push(watcher);
  }

  typesSince(index: number): readonly string[] {
    return this.entries.slice(index).map(({ type }) => type);
  }

  #write(event: AccessEvent): void {
    const entry = parseAccessEvent(JSON.parse(JSON.stringify(event)));
    const atMs = this.#clocks.wallMs();
    fold(this.state, entry, atMs);
    this.entries.push(entry);
    for (const watcher of this.#watchers) watcher({ index: this.entries.length - 1, atMs, entry });
  }
}
