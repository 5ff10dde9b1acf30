import { BASTION, leftByLedgerMs, type GrantId } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import { EndClock } from "../end-clock.js";
import { cutWith } from "./revoke.js";

/**
 * Writes `grant.ended` when a grant's time is over, by the wall clock or the monotonic one, whichever is first, and cuts what is left of
 * its sessions. Nothing that a clock says afterwards makes the grant good again.
 */
export class GrantClock {
  readonly #context: DecisionContext;
  readonly #clock: EndClock<GrantId>;

  private constructor(context: DecisionContext) {
    this.#context = context;
    this.#clock = new EndClock<GrantId>(context.clocks, (grant) => {
      this.#settle(grant).catch((error: unknown) =>
        context.log.error({ grant, error: String(error) }, "end of a grant not recorded"),
      );
    });
  }

  /** Ends what was over while nobody looked, and keeps the time of the others from here on. */
  static async open(context: DecisionContext): Promise<GrantClock> {
    const clock = new GrantClock(context);
    for (const grant of context.keeper.state.openGrants) clock.#set(grant);
    clock.#follow();
    for (const grant of [...context.keeper.state.openGrants]) await clock.#settle(grant);
    return clock;
  }

  stop(): void {
    this.#clock.stop();
  }

  #set(id: GrantId): void {
    const { clock, grants } = this.#context.keeper.state;
    const held = grants.get(id);
    if (held === undefined) return;
    const { issuedAtMs: atMs, issuedAtElapsedMs: atElapsedMs } = held;
    const { untilMs } = held.grant;
    this.#clock.set(id, untilMs, leftByLedgerMs(clock, { atMs, atElapsedMs }, untilMs));
  }

  #follow(): void {
    const { keeper, log } = this.#context;
    const onFault = (error: unknown) => log.error({ error: String(error) }, "end of a grant not set");
    keeper.watch(({ entry }) => {
      if (entry.type === "grant.issued") this.#set(entry.grant.id);
      else if (entry.type === "grant.extended") this.#clock.move(entry.grant, entry.untilMs);
      else if (entry.type === "grant.revoked" || entry.type === "grant.ended")
        this.#clock.forget(entry.grant);
    }, onFault);
  }

  /** Whoever extends the grant meanwhile is waited for: it may last longer by then. */
  async #settle(grant: GrantId): Promise<void> {
    const { keeper, grantTurns } = this.#context;
    if (this.#clock.leftMs(grant) > 0) return;
    await grantTurns.take(grant, async () => {
      if (this.#clock.leftMs(grant) > 0 || !keeper.state.openGrants.has(grant)) return;
      const cut = { reason: "grant-ended", by: BASTION, text: `grant ${grant} has ended` } as const;
      await cutWith(this.#context, { type: "grant.ended", grant }, (session) => session.grant === grant, cut);
    });
  }
}
