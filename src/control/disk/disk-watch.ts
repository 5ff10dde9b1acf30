import {
  overrideInForce,
  type DiskLevel,
  type DiskOverrideState,
  type SessionId,
} from "../../access/index.js";
import type { Config } from "../../config/index.js";
import type { Clocks } from "../clocks.js";
import type { Keeper } from "../keeper.js";
import type { ControlLog } from "../log.js";
import { DiskPlaces } from "./disk-places.js";
import type { PlaceReport } from "./disk-place.js";
import type { FreeSpace } from "./free-space.js";
import { OverrideClock } from "./override-clock.js";
import { Reserves } from "./reserves.js";

/** How often the file systems are asked: what others write to them is seen so late at most. */
const LOOK_EVERY_MS = 2000;

export const FULL_TEXT = "the bastion's disk is full";

export interface DiskWatchOptions {
  readonly keeper: Pick<Keeper, "state" | "record" | "watch">;
  readonly clocks: Clocks;
  readonly log: ControlLog;
  readonly config: () => Config;
  readonly freeSpace: FreeSpace;
  /** Ends sessions, all of them where none is named; the words are for their people. */
  readonly cut: (text: string, session?: SessionId) => Promise<void>;
}

/** What was set aside for a session, or why nothing was. */
export type Admission =
  | { readonly ok: true; readonly quotaBytes: number; readonly override?: DiskOverrideState }
  | { readonly ok: false; readonly detail: string };

/** How the disk stands, for people. */
export interface DiskReport {
  readonly level: DiskLevel;
  readonly places: readonly PlaceReport[];
  readonly reservedBytes: number;
  readonly sessions: number;
}

/**
 * Sees to it that what is recorded has room: sets room aside for each session, lets none begin where there is none, and ends
 * those that run, in order, before there is nothing left for their last words.
 */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #places: DiskPlaces;
  readonly #reserves = new Reserves();
  readonly #overrides: OverrideClock;
  #told: DiskLevel;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  private constructor(options: DiskWatchOptions, places: DiskPlaces) {
    this.#options = options;
    this.#places = places;
    this.#overrides = new OverrideClock(options);
    const { keeper, config } = options;
    const { liveSessions, sessions, disk } = keeper.state;
    this.#told = disk?.state ?? "ok";
    // their proxies will say what they had; until then, as if they had just begun
    for (const id of liveSessions) {
      const recorded = sessions.get(id)?.head?.bytes ?? 0;
      this.attach(id, recorded + config().disk.reserveBytes, recorded);
    }
  }

  /** Measures once, before anybody is let in; from then on every few seconds. */
  static async open(options: DiskWatchOptions): Promise<DiskWatch> {
    const watch = new DiskWatch(options, await DiskPlaces.open(options.config, options.freeSpace));
    options.keeper.watch(
      ({ entry }) => watch.#follow(entry),
      (error) => options.log.error({ error: String(error) }, "reserves not followed"),
    );
    await watch.#measure();
    watch.#sleep();
    return watch;
  }

  get report(): DiskReport {
    return {
      level: this.#places.worst.level,
      places: this.#places.report(),
      reservedBytes: this.#reserves.outstandingBytes,
      sessions: this.#reserves.count,
    };
  }

  /** Sets room aside for a session that is about to begin; to be given back with `forget` when it does not. */
  async admit(session: SessionId): Promise<Admission> {
    const { reserveBytes } = this.#options.config().disk;
    const level = await this.#measureNow();
    const override = this.#override();
    if (level === "critical" || (level === "full" && override === undefined))
      return { ok: false, detail: this.#detail() };
    if (this.#roomBytes() < reserveBytes) return { ok: false, detail: this.#detail() };
    this.#reserves.set(session, reserveBytes);
    const isNeeded = level === "full" || this.#roomBytes(false) < 0;
    return { ok: true, quotaBytes: reserveBytes, ...(isNeeded && override && { override }) };
  }

  /** A session needs more; gives what it may be in all. One for which there is no more is cut. */
  async more(session: SessionId, recordedBytes: number): Promise<number> {
    this.#reserves.note(session, recordedBytes);
    await this.#measureNow();
    const { reserveBytes } = this.#options.config().disk;
    if (!this.#reserves.grow(session, this.#roomBytes(), reserveBytes)) {
      this.#options.log.warn({ session, recordedBytes }, "session cut: no more room for its recording");
      await this.#options.cut(`${FULL_TEXT}, and there is no more room for this recording`, session);
    }
    return this.#reserves.quotaOf(session);
  }

  /** A session that its proxy came back with. */
  attach(session: SessionId, quotaBytes: number, recordedBytes: number): void {
    this.#reserves.set(session, quotaBytes, recordedBytes);
  }

  /** What was set aside for a session that did not begin. */
  forget(session: SessionId): void {
    this.#reserves.forget(session);
  }

  /** Looks now, and does what is to be done: tells of a change, ends sessions, gives up the ballast or restores it. */
  look(): Promise<void> {
    const turn = this.#looking.then(() => this.#look());
    this.#looking = turn.catch(() => undefined);
    return turn;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const level = await this.#measure();
    if (level === "critical") await this.#yieldBallast();
    if (level !== this.#told) await this.#tell(level);
    const { liveSessions } = this.#options.keeper.state;
    if (level === "critical" && liveSessions.size > 0)
      await this.#options.cut(`${FULL_TEXT}, and what is left is for the records of how sessions ended`);
    await this.#overrides.look();
    await this.#restoreBallast();
  }

  /** Between two looks; what is new is told at once, behind the caller's back. */
  async #measureNow(): Promise<DiskLevel> {
    const level = await this.#measure();
    if (level !== this.#told) this.look().catch((error: unknown) => this.#lookFault(error));
    return level;
  }

  #measure(): Promise<DiskLevel> {
    return this.#places.look(this.#reserves.count);
  }

  /** What nobody has of the recordings' file system yet: with an override down to the last words. */
  #roomBytes(withOverride = true): number {
    const { recordings } = this.#places;
    const { fullBelow, criticalBelow } = recordings.marks;
    const floor = withOverride && this.#override() !== undefined ? criticalBelow : fullBelow;
    return recordings.freeBytes(this.#options.config().disk) - this.#reserves.outstandingBytes - floor;
  }

  #override(): DiskOverrideState | undefined {
    const { keeper, clocks, config } = this.#options;
    return config().disk.whenFull === "refuse" ? undefined : overrideInForce(keeper.state, clocks.wallMs());
  }

  #detail(): string {
    const { where, level } = this.#places.worst;
    const [place] = this.#places.report().filter((one) => one.where === where);
    const set = `${this.#reserves.outstandingBytes} set aside for ${this.#reserves.count} sessions`;
    return `${where} ${level}: ${place?.freeBytes ?? 0} bytes free, ${set}`;
  }

  async #tell(level: DiskLevel): Promise<void> {
    const { keeper, log, config } = this.#options;
    const { worst } = this.#places;
    const { freeBytes } = worst.report(config().disk);
    const about = { where: worst.where, path: worst.path, freeBytes, before: this.#told };
    if (level === "ok") log.info(about, "disk ok again");
    else if (level === "low") log.warn(about, "disk low");
    else
      log.error(about, level === "full" ? "disk full: no new sessions" : "disk critical: sessions are cut");
    this.#told = level;
    await keeper.record({ type: "disk.state", state: level, where: worst.where, freeBytes });
  }

  async #yieldBallast(): Promise<void> {
    const { home, recordings } = this.#places;
    for (const place of [home, recordings])
      if (place.level === "critical")
        await place.ballast.release().catch((error: unknown) => this.#ballastFault(place.path, error));
  }

  async #restoreBallast(): Promise<void> {
    const { home, recordings } = this.#places;
    for (const place of [home, recordings])
      await place
        .restore(this.#options.config().disk)
        .catch((error: unknown) => this.#ballastFault(place.path, error));
  }

  #ballastFault(path: string, error: unknown): void {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return; // the recordings' folder is made with the first session
    this.#options.log.warn({ path, error: String(error) }, "no ballast");
  }

  #lookFault(error: unknown): void {
    this.#options.log.error({ error: String(error) }, "disk not looked at");
  }

  #follow(entry: Parameters<Parameters<Keeper["watch"]>[0]>[0]["entry"]): void {
    if (entry.type === "recording.head") this.#reserves.note(entry.session, entry.bytes);
    else if (entry.type === "session.ended") this.#reserves.forget(entry.session);
  }

  #sleep(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.look()
        .catch((error: unknown) => this.#lookFault(error))
        .finally(() => this.#sleep());
    }, LOOK_EVERY_MS);
  }
}

/** What a session's person reads when it begins on a full disk. */
export function overrideText({ by, given }: DiskOverrideState): string {
  return `; THE DISK IS FULL, and ${by} and ${given?.by ?? ""} let sessions begin all the same`;
}
