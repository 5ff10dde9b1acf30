import type { EvidenceFault } from "./evidence-fault.js";

/** A ledger that is wrong in every entry must not fill the memory; the first faults tell the story. */
const FAULTS_MAX = 1000;
const NOTES_MAX = 200;

/** What was found so far. */
export class Findings {
  readonly faults: EvidenceFault[] = [];
  readonly notes: string[] = [];
  #faultsLeftOut = 0;

  fault(fault: EvidenceFault): void {
    if (this.faults.length < FAULTS_MAX) this.faults.push(fault);
    else this.#faultsLeftOut += 1;
  }

  note(line: string): void {
    if (this.notes.length < NOTES_MAX) this.notes.push(line);
  }

  /** The faults, and the notes with a word on what was left out. */
  all(): { readonly faults: readonly EvidenceFault[]; readonly notes: readonly string[] } {
    const more =
      this.#faultsLeftOut === 0 ? [] : [`${this.#faultsLeftOut} more faults, which are not listed`];
    return { faults: this.faults, notes: [...this.notes, ...more] };
  }
}
