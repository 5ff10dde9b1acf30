import type { EventOf } from "../../access/index.js";
import { encodeSignatureLine } from "../../ledger/index.js";
import type { Cosigning, Refusing } from "../../witness/index.js";

/**
 * An entry makes a checkpoint, a checkpoint a cosignature, and a cosignature may be an entry: at most one in this time for
 * each thing that a witness can say, so that neither this nor a witness that means harm goes round for ever.
 */
export const ENTRY_EVERY_MS = 60 * 60_000;

type Said = EventOf<"witness.cosigned" | "witness.refused">;

/** Which of the things that witnesses say are entries. */
export class WitnessEntries {
  /** Monotonic time of the last entry, by witness and what it said. */
  readonly #last = new Map<string, number>();

  /** The entry for a cosignature that was kept: a witness' first, then once an hour. */
  cosigned(
    { witness, size, signature }: Pick<Cosigning, "witness" | "size" | "signature">,
    monotonicMs: number,
  ): Said | undefined {
    return this.#isDue(`${witness} cosigned`, monotonicMs)
      ? { type: "witness.cosigned", witness, size, cosignature: encodeSignatureLine(signature) }
      : undefined;
  }

  /** The entry for a refusal that is another one than before: once an hour for each reason. */
  refused({ witness, code, size, signature }: Omit<Refusing, "key">, monotonicMs: number): Said | undefined {
    const cosignature = signature && { cosignature: encodeSignatureLine(signature) };
    return this.#isDue(`${witness} ${code}`, monotonicMs)
      ? { type: "witness.refused", witness, code, size, ...cosignature }
      : undefined;
  }

  #isDue(what: string, monotonicMs: number): boolean {
    if (monotonicMs < (this.#last.get(what) ?? -Infinity) + ENTRY_EVERY_MS) return false;
    this.#last.set(what, monotonicMs);
    return true;
  }
}
