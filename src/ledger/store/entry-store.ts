/** A stored value and the number it is stored under. */
export interface Row {
  readonly index: number;
  readonly value: Buffer;
}

/**
 * Where rows lie. It knows nothing of what they hold, and need not notice damage: the ledger checks each row's number
 * and hash. Errors may be of any kind; the ledger turns them into its own.
 */
export interface EntryStore {
  /**
   * Keeps rows with ascending numbers, in place of what had their numbers. All or nothing, and durable (fsynced) when it
   * resolves. When it rejects, nothing is known: all of them, or none, may be there after reopening. It is called while
   * another `write` runs only to put back rows that are lower than all of that one's.
   */
  write(rows: readonly Row[]): Promise<void>;

  /** The rows from number `from` on that are there, in order, at most `countMax`. */
  read(from: number, countMax: number): Promise<readonly Row[]>;

  /** The highest number that is there, or -1. */
  last(): Promise<number>;

  /** Waits for a running `write`. Once. */
  close(): Promise<void>;
}
