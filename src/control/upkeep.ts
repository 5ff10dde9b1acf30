import { BASTION, overrideInForce, type DiskOverrideState } from "../access/index.js";
import type { DecisionContext } from "./decision-context.js";
import { DiskWatch, type DiskReport } from "./disk/disk-watch.js";
import type { FreeSpace } from "./disk/free-space.js";
import { OverrideDesk } from "./disk/override-desk.js";
import { cutWhere } from "./grants/revoke.js";
import { HoldDesk } from "./retention/hold-desk.js";
import { systemFiles } from "./retention/recording-files.js";
import { RetentionClock, type RetentionReport } from "./retention/retention-clock.js";

/** How long recordings stay, and room for those to come. */
export class Upkeep {
  /** Legal holds. */
  readonly holds: HoldDesk;
  /** Sessions on a full disk, by two admins. */
  readonly overrides: OverrideDesk;
  readonly #context: DecisionContext;
  readonly #retention: RetentionClock;

  private constructor(context: DecisionContext, lastSeenMs: number | undefined) {
    this.#context = context;
    this.holds = new HoldDesk(context);
    this.overrides = new OverrideDesk(context);
    this.#retention = new RetentionClock({ ...context, files: systemFiles }, lastSeenMs);
  }

  /** `lastSeenMs`: the time of the last entry before this start. The first round of retention begins behind the caller's back. */
  static start(context: DecisionContext, lastSeenMs: number | undefined): Upkeep {
    const upkeep = new Upkeep(context, lastSeenMs);
    upkeep.#retention.start();
    return upkeep;
  }

  get disk(): DiskReport {
    return this.#context.disk.report;
  }

  get retention(): RetentionReport {
    return this.#retention.report;
  }

  /** The override in force, if there is one. */
  get override(): DiskOverrideState | undefined {
    return overrideInForce(this.#context.keeper.state, this.#context.clocks.wallMs());
  }

  /** Ends behind what is being written; nothing is moved, deleted or measured any more. */
  async stop(): Promise<void> {
    await Promise.all([this.#retention.stop(), this.#context.disk.stop()]);
  }
}

/** Watches the disk for `context`, which is whole when somebody is cut. */
export function openDiskWatch(
  context: Omit<DecisionContext, "disk">,
  whole: () => DecisionContext,
  freeSpace: FreeSpace,
): Promise<DiskWatch> {
  const { keeper, clocks, log, config } = context;
  return DiskWatch.open({
    ...{ keeper, clocks, log, config, freeSpace },
    cut: async (text, session) => {
      const isConcerned = (one: { readonly session: string }) =>
        session === undefined || one.session === session;
      await cutWhere(whole(), isConcerned, { reason: "disk-full", by: BASTION, text });
    },
  });
}
