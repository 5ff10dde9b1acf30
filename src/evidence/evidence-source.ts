/**
 * Where evidence is read from: a home, a copy of one, or an address. Paths are those of a home: `ledger/…`,
 * `recordings/…` and `archive/…`, with slashes, wherever the files really lie.
 */
export interface EvidenceSource {
  /** What is verified, as people named it. */
  readonly name: string;

  /** Whether it has the recordings that were archived. */
  readonly hasArchive: boolean;

  /**
   * A file, or undefined when there is none. Of one that is longer than `bytesMax`, one byte more than that: enough to see that it
   * is. Throws EvidenceError `unreadable`, `unreachable`.
   */
  read(path: string, bytesMax: number): Promise<Buffer | undefined>;

  /** A recording's bytes in pieces, or undefined when there is none. Throws EvidenceError, also while it is read. */
  open(path: string): Promise<AsyncIterable<Buffer> | undefined>;

  /** Every file below a folder, in no order; undefined where that cannot be known, as over HTTP. */
  list(folder: string): Promise<readonly string[] | undefined>;

  /** How a path is shown to people. */
  show(path: string): string;

  /** The path in the file system, where it has one. */
  file?(path: string): string;
}
