import type { EvidenceSource } from "../evidence-source.js";
import { entryNumber, SESSION_PROOF_FILE } from "./bundle-layout.js";

/** More than a proof, a README or an entry has. */
const SMALL_BYTES_MAX = 512 * 1024;

/** Whether a source is the bundle of one session, and no home. */
export async function isBundle(source: EvidenceSource): Promise<boolean> {
  if ((await source.read(SESSION_PROOF_FILE, SMALL_BYTES_MAX)) !== undefined) return true;
  return ((await source.list("entries")) ?? []).some((path) => entryNumber(path) !== undefined);
}

/** A bundle's files: read, and struck off one by one as something accounts for them. */
export class BundleFolder {
  readonly #source: EvidenceSource;
  readonly #left: Set<string>;

  private constructor(source: EvidenceSource, paths: readonly string[]) {
    [this.#source, this.#left] = [source, new Set(paths)];
  }

  static async of(source: EvidenceSource): Promise<BundleFolder> {
    const listed = (await source.list(".")) ?? [];
    return new BundleFolder(
      source,
      listed.map((path) => path.replace(/^\.\//u, "")),
    );
  }

  /** Numbers of the entries that are here, in order. */
  get entries(): readonly number[] {
    return [...this.#left].flatMap((path) => entryNumber(path) ?? []).sort((a, b) => a - b);
  }

  /** Reads a small file; undefined when there is none. It is accounted for, right or wrong. Throws EvidenceError. */
  read(path: string, bytesMax = SMALL_BYTES_MAX): Promise<Buffer | undefined> {
    this.take(path);
    return this.#source.read(path, bytesMax);
  }

  /** Accounts for a file that is read elsewhere. */
  take(path: string): void {
    this.#left.delete(path);
  }

  /** Files that nothing has accounted for. */
  get left(): readonly string[] {
    return [...this.#left].sort();
  }

  /** Whether a file has a first byte: what is read in pieces is not read for this. */
  async hasBytes(path: string): Promise<boolean> {
    for await (const piece of (await this.#source.open(path)) ?? []) if (piece.length > 0) return true;
    return false;
  }
}
