import { randomBytes } from "node:crypto";

/**
 * A mark which nobody can guess, written behind a program's output to learn where that ends. No newline in it: a terminal
 * passes it through as it is.
 */
export class EndMark {
  readonly bytes: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #isFound = false;

  constructor(random: Buffer = randomBytes(16)) {
    this.bytes = Buffer.from(`\0${random.toString("hex")}`);
  }

  get isFound(): boolean {
    return this.#isFound;
  }

  /**
   * What of the chunk is surely output; what may be the mark's beginning is held back until more comes. Nothing is output
   * behind the mark.
   */
  take(chunk: Buffer): Buffer {
    if (this.#isFound) return Buffer.alloc(0);
    const all = Buffer.concat([this.#held, chunk]);
    const at = all.indexOf(this.bytes);
    this.#isFound = at !== -1;
    const end = this.#isFound ? at : all.length - this.#beginningAtEndOf(all);
    this.#held = this.#isFound ? Buffer.alloc(0) : all.subarray(end);
    return all.subarray(0, end);
  }

  /** What is held back, for when the mark will not come. */
  rest(): Buffer {
    return this.#held;
  }

  #beginningAtEndOf(all: Buffer): number {
    let length = Math.min(this.bytes.length - 1, all.length);
    while (length > 0 && !all.subarray(-length).equals(this.bytes.subarray(0, length))) length--;
    return length;
  }
}
