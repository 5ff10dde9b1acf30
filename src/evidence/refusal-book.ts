import { parseSaltedWords } from "../access/index.js";
import type { EvidenceSource } from "./evidence-source.js";

/** Where a home keeps what is behind the salted hashes of refusals. It is no evidence: nothing but a note comes of it. */
const SALTS_FILE = "salts";
/** Longer than any line of it. */
const LINE_BYTES_MAX = 16 * 1024;

/** Counts refusals by whether it can still be told what was asked for. */
export class RefusalBook {
  /** The first 48 bits of each hash whose words are here: there may be a million. */
  readonly #known = new Set<number>();
  #isHere = false;
  #refused = 0;
  #told = 0;
  #forgotten = 0;

  /** Reads what is known. Throws EvidenceError. */
  async read(source: EvidenceSource): Promise<void> {
    const pieces = source.file === undefined ? undefined : await source.open(SALTS_FILE);
    if (pieces === undefined) return;
    this.#isHere = true;
    let rest = "";
    for await (const piece of pieces) {
      const lines = (rest + piece.toString("latin1")).split("\n");
      rest = (lines.pop() ?? "").slice(0, LINE_BYTES_MAX);
      for (const line of lines) this.#learn(Buffer.from(line, "latin1").toString());
    }
    this.#learn(Buffer.from(rest, "latin1").toString());
  }

  /** A refusal whose words have this salted hash. */
  refused(hash: string): void {
    this.#refused += 1;
    if (this.#known.has(short(hash))) this.#told += 1;
  }

  /** The words of one refusal were erased. */
  forgotten(): void {
    this.#forgotten += 1;
  }

  notes(): readonly string[] {
    if (this.#refused === 0) return [];
    const refused = `${this.#refused} ${this.#refused === 1 ? "refusal" : "refusals"}`;
    if (!this.#isHere) return [`what was asked for in ${refused} is here as salted hashes only`];
    const gone = this.#refused - this.#told;
    if (gone === 0) return [];
    const lost = gone - Math.min(gone, this.#forgotten);
    const unsaid = lost === 0 ? "" : `, ${lost} of them without an entry that says so`;
    return [`what was asked for in ${gone} of ${refused} was erased${unsaid}; salted hashes are left`];
  }

  #learn(line: string): void {
    const known = parseSaltedWords(line);
    if (known !== undefined) this.#known.add(short(known.hash));
  }
}

function short(hash: string): number {
  return Number.parseInt(hash.slice(0, 12), 16);
}
