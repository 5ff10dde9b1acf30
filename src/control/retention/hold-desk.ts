import { randomBytes } from "node:crypto";
import {
  ID_RANDOM_BYTES,
  mayLift,
  newId,
  type HoldId,
  type HoldState,
  type HoldSubject,
  type LiftVerdict,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";

export type LiftRefused = Extract<LiftVerdict, { ok: false }>;

/** Sets and lifts legal holds. Whether the caller may set one is for the command to say. */
export class HoldDesk {
  readonly #context: Pick<DecisionContext, "keeper" | "config" | "holdTurns">;

  constructor(context: Pick<DecisionContext, "keeper" | "config" | "holdTurns">) {
    this.#context = context;
  }

  /** Resolves when it is in force: what was not deleted before is not deleted any more. */
  set(subject: HoldSubject, by: string, reason: string): Promise<HoldState> {
    const { keeper, holdTurns } = this.#context;
    return holdTurns.take("hold", async () => {
      const hold = newId("hld", randomBytes(ID_RANDOM_BYTES));
      await keeper.record({ type: "hold.set", hold, ...subject, by, reason });
      return this.#state(hold);
    });
  }

  lift(hold: HoldId, by: string, reason: string): Promise<HoldState | LiftRefused> {
    const { keeper, config, holdTurns } = this.#context;
    return holdTurns.take("hold", async () => {
      const may = mayLift(config().policy, keeper.state, this.#state(hold), by);
      if (!may.ok) return may;
      await keeper.record({ type: "hold.lifted", hold, by, reason });
      return this.#state(hold);
    });
  }

  #state(hold: HoldId): HoldState {
    const state = this.#context.keeper.state.holds.get(hold);
    if (state === undefined) throw new Error(`hold ${hold} is one that state knows`);
    return state;
  }
}
