import type { AccessEvent } from "../access/index.js";
import type { LedgerRecord } from "../ledger/index.js";
import type { DecisionContext } from "./decision-context.js";
import type { Derivation } from "./derive-state.js";
import type { LedgerProof } from "./keeper.js";

/** The ledger, for those who read and prove it. */
export class LedgerDesk {
  readonly #context: Pick<DecisionContext, "keeper" | "authority">;

  constructor(context: Pick<DecisionContext, "keeper" | "authority">) {
    this.#context = context;
  }

  /** Number of entries. */
  get size(): number {
    return this.#context.keeper.size;
  }

  /** How what is true was come by at the start. */
  get derivation(): Derivation {
    return this.#context.keeper.derivation;
  }

  /** Its newest checkpoint, its tiles, and how the making of checkpoints is doing. */
  get proof(): LedgerProof {
    return this.#context.keeper.proof;
  }

  /** What verifies its checkpoints: a C2SP verifier key, one line. */
  get verifier(): string {
    return this.#context.authority.ledgerVerifier;
  }

  /** Its entries from number `from` on, oldest first. */
  history(from = 0): AsyncIterable<LedgerRecord<AccessEvent>> {
    return this.#context.keeper.read(from);
  }
}
