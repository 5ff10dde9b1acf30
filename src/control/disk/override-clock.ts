import { BASTION, type OverrideId } from "../../access/index.js";
import type { Clocks } from "../clocks.js";
import type { Keeper } from "../keeper.js";

/** Ends an override when its time is over, by the wall clock or the monotonic one, whichever is first. */
export class OverrideClock {
  readonly #keeper: Pick<Keeper, "state" | "record">;
  readonly #clocks: Clocks;
  #watched: { readonly override: OverrideId; readonly endsAtMonotonicMs: number } | undefined;

  constructor({
    keeper,
    clocks,
  }: {
    readonly keeper: Pick<Keeper, "state" | "record">;
    readonly clocks: Clocks;
  }) {
    this.#keeper = keeper;
    this.#clocks = clocks;
  }

  /** Writes its end down if it has come; a clock that is set back revives nothing then. */
  async look(): Promise<void> {
    const { diskOverride } = this.#keeper.state;
    if (diskOverride?.given === undefined || diskOverride.ended !== undefined) return;
    const { override, given } = diskOverride;
    const nowMs = this.#clocks.wallMs();
    if (this.#watched?.override !== override)
      this.#watched = { override, endsAtMonotonicMs: this.#clocks.monotonicMs() + (given.untilMs - nowMs) };
    if (nowMs < given.untilMs && this.#clocks.monotonicMs() < this.#watched.endsAtMonotonicMs) return;
    await this.#keeper.record({ type: "disk.override.ended", override, by: BASTION });
  }
}
