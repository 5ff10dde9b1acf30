import { randomBytes } from "node:crypto";
import {
  BASTION,
  ID_RANDOM_BYTES,
  mayAskOverride,
  mayGiveOverride,
  newId,
  openOverride,
  overrideInForce,
  type DiskOverrideState,
  type OverrideId,
  type OverrideVerdict,
} from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { LEDGER_DELAY_MS } from "../requests/settle-request.js";
import { Turns } from "../turns.js";

export type OverrideRefused = Extract<OverrideVerdict, { ok: false }>;
export type OverrideAnswer = { readonly ok: true; readonly override: DiskOverrideState } | OverrideRefused;

/** Two admins who let sessions begin on a full disk, for a while. */
export class OverrideDesk {
  readonly #context: DecisionContext;
  readonly #turns = new Turns<"override">();

  constructor(context: DecisionContext) {
    this.#context = context;
  }

  /** An admin's wish; a later one takes the place of one that waits. */
  ask(by: string, forMs: number, reason: string): Promise<OverrideAnswer> {
    return this.#turns.take("override", async () => {
      const { keeper, config, clocks } = this.#context;
      const { policy, disk } = config();
      const may = mayAskOverride(policy, keeper.state, by, clocks.wallMs(), disk.whenFull);
      if (!may.ok) return may;
      await this.#endWhatIsOver();
      const override = newId("ovr", randomBytes(ID_RANDOM_BYTES));
      await keeper.record({ type: "disk.override.asked", override, by, reason, forMs });
      return this.#answer();
    });
  }

  /** Another admin's yes to the wish that waits, by its id: not to one that took its place meanwhile. Its time begins now. */
  give(override: OverrideId, by: string): Promise<OverrideAnswer> {
    return this.#turns.take("override", async () => {
      const { keeper, config, clocks } = this.#context;
      const { policy, disk } = config();
      const nowMs = clocks.wallMs();
      const soonMs = nowMs + LEDGER_DELAY_MS;
      const may = mayGiveOverride(policy, keeper.state, by, soonMs, disk.whenFull);
      if (!may.ok) return may;
      const wish = openOverride(keeper.state, soonMs);
      if (wish?.override !== override) return { ok: false, reason: "nothing-asked" };
      await keeper.record({ type: "disk.override.given", override, by, untilMs: nowMs + wish.forMs });
      return this.#answer();
    });
  }

  /** Any admin ends it early, or takes back a wish that waits. False when there is none. */
  end(by: string): Promise<boolean> {
    return this.#turns.take("override", async () => {
      const { keeper, clocks } = this.#context;
      const nowMs = clocks.wallMs();
      const last = overrideInForce(keeper.state, nowMs) ?? openOverride(keeper.state, nowMs);
      if (last === undefined) return false;
      await keeper.record({ type: "disk.override.ended", override: last.override, by });
      return true;
    });
  }

  /** One whose time is over and whose end nobody has written down yet: until then the ledger takes no other wish. */
  async #endWhatIsOver(): Promise<void> {
    const { keeper } = this.#context;
    const { override, given, ended } = keeper.state.diskOverride ?? {};
    if (override !== undefined && given !== undefined && ended === undefined)
      await keeper.record({ type: "disk.override.ended", override, by: BASTION });
  }

  #answer(): OverrideAnswer {
    const override = this.#context.keeper.state.diskOverride;
    if (override === undefined) throw new Error("an override that was written down is in the state");
    return { ok: true, override };
  }
}
