import { parseAccessEvent, type AccessError, type AccessEvent, type State } from "../access/index.js";
import {
  LedgerError,
  openLedger,
  type HealedRange,
  type Ledger,
  type LedgerPlace,
  type LedgerRecord,
  type Publishing,
} from "../ledger/index.js";
import { deriveState, type Derivation } from "./derive-state.js";
import type { DerivedState } from "./derived-state.js";
import type { ControlLog } from "./log.js";
import { StateSnapshots, type SnapshotOptions } from "./state-snapshot/state-snapshots.js";

const codec = { encode: (event: AccessEvent): unknown => event, decode: parseAccessEvent };

/** What was just written down, with its number and time. */
export type WrittenRecord = LedgerRecord<AccessEvent>;

/** Where a ledger is, and the snapshot of the state that its entries make. */
export interface KeeperPlace extends LedgerPlace {
  readonly state: string;
}

export interface KeeperOptions {
  readonly nowMs: () => number;
  readonly log: ControlLog;
  /** The ledger takes nothing more: the process must end, and what is true be read anew from the disk. */
  readonly onFailure: (error: unknown) => void;
  /**
   * An entry cannot follow those before it: it changes nothing, now or at the next start, as every reader of the ledger leaves
   * it out. A fault of ours, or of somebody who wrote to the disk.
   */
  readonly onImpossible: (index: number, error: AccessError) => void;
  /** When snapshots of the state are written, and onto what, if not as usual. */
  readonly snapshots?: Partial<Pick<SnapshotOptions, "disk" | "times">>;
  /** Entries get no checkpoint for now. */
  readonly onPublishFailed?: (standing: Publishing) => void;
}

/** What others may do with the ledger besides `record` and reading: all that is about its proof. */
export type LedgerProof = Pick<
  Ledger<AccessEvent>,
  "checkpoint" | "publishing" | "publish" | "addCosignatures" | "addVerifier" | "tiles"
>;

/**
 * Keeps what is true: the ledger, and the state that is the fold of its entries. There is no other way to change state
 * than `record`.
 */
export class Keeper {
  readonly state: State;
  /** How the state was come by. */
  readonly derivation: Derivation;
  readonly #ledger: Ledger<AccessEvent>;
  readonly #snapshots: StateSnapshots;
  readonly #onFailure: (error: unknown) => void;
  readonly #watchers: Set<(record: WrittenRecord) => void>;
  readonly #checkpointWatchers: Set<(note: string) => void>;
  /** Entries of this run that cannot be, by number, until their `record` has said so. */
  readonly #impossible: Map<number, AccessError>;

  private constructor(
    { ledger, state, snapshots, how }: Opened,
    { onFailure }: KeeperOptions,
    { watchers, checkpointWatchers }: Watchers,
    impossible: Map<number, AccessError>,
  ) {
    this.#ledger = ledger;
    this.state = state;
    this.derivation = how;
    this.#snapshots = snapshots;
    this.#onFailure = onFailure;
    this.#watchers = watchers;
    this.#checkpointWatchers = checkpointWatchers;
    this.#impossible = impossible;
  }

  /**
   * Opens the ledger and derives what is true, out of the snapshot of it if that holds; notes what of the ledger had to be healed.
   * Throws LedgerError.
   */
  static async open({ state: path, ...place }: KeeperPlace, options: KeeperOptions): Promise<Keeper> {
    const { nowMs, log, onImpossible, onPublishFailed = () => undefined } = options;
    const snapshots = new StateSnapshots({ log, ...options.snapshots, path }, place.signer);
    const watchers: Watchers = { watchers: new Set(), checkpointWatchers: new Set() };
    const impossible = new Map<number, AccessError>();
    let derived: DerivedState | undefined;
    const onAppended = (record: WrittenRecord) => {
      const fault = derived?.fold(record);
      snapshots.added();
      if (fault !== undefined) {
        impossible.set(record.index, fault);
        onImpossible(record.index, fault);
        return;
      }
      for (const watcher of watchers.watchers) watcher(record);
    };
    const healed: HealedRange[] = [];
    let onHealed = (range: HealedRange): void => void healed.push(range);
    const onPublished = (note: string): void =>
      watchers.checkpointWatchers.forEach((watcher) => watcher(note));
    const ledger = await openLedger({
      ...place,
      ...{ codec, nowMs, onAppended, onPublished, onPublishFailed },
      onHealed: (range) => onHealed(range),
    });
    try {
      const found = await deriveState(ledger, { onImpossible, snapshots, log });
      derived = found.derived;
      snapshots.begin(derived, ledger);
      const { state } = derived;
      const keeper = new Keeper({ ledger, state, snapshots, how: found.how }, options, watchers, impossible);
      onHealed = (range) => void keeper.#noteHealed(range).catch(() => undefined); // told to onFailure
      for (const range of healed) await keeper.#noteHealed(range);
      return keeper;
    } catch (error) {
      await snapshots.close();
      await ledger.close();
      throw error;
    }
  }

  /** Number of entries. */
  get size(): number {
    return this.#ledger.size;
  }

  /**
   * Writes an event down. When it resolves, the event is on the disk and folded into `state`. The caller has made sure
   * that the event is possible (it names only what state knows). One that is not changes nothing, and is an AccessError
   * `impossible-event`.
   */
  async record(event: AccessEvent): Promise<void> {
    await this.write(event);
  }

  /** The same; resolves with the entry's number. */
  async write(event: AccessEvent): Promise<number> {
    let index: number;
    try {
      index = await this.#ledger.append(event);
    } catch (error) {
      if (!isHarmless(error)) this.#onFailure(error);
      throw error;
    }
    const fault = this.#impossible.get(index);
    this.#impossible.delete(index);
    if (fault !== undefined) throw fault;
    return index;
  }

  /**
   * Tells `watcher` of each entry from here on, when it is durable and folded, before its `record` resolves: never again of
   * what was read at opening. It must return at once. One that throws is told to `onFault` and changes nothing.
   */
  watch(watcher: (record: WrittenRecord) => void, onFault: (error: unknown) => void): void {
    this.#watchers.add((record) => {
      try {
        watcher(record);
      } catch (error) {
        onFault(error);
      }
    });
  }

  /** What proves the ledger. */
  get proof(): LedgerProof {
    return this.#ledger;
  }

  /** Tells `watcher` of each new checkpoint, a signed note, when it is durable. It must return at once and not throw. */
  watchCheckpoints(watcher: (note: string) => void): void {
    this.#checkpointWatchers.add(watcher);
  }

  /** The entries from number `from` on, oldest first. */
  read(from = 0): AsyncIterable<LedgerRecord<AccessEvent>> {
    return this.#ledger.read(from);
  }

  /** Writes a snapshot of the state, if there is enough that is new, as the last thing of a stop that is in order. Never rejects. */
  keepState(): Promise<void> {
    return this.#snapshots.stop();
  }

  async close(): Promise<void> {
    await this.#snapshots.close();
    await this.#ledger.close();
  }

  #noteHealed({ from, to }: HealedRange): Promise<void> {
    return this.record({ type: "ledger.healed", from, to });
  }
}

interface Opened {
  readonly ledger: Ledger<AccessEvent>;
  readonly state: State;
  readonly snapshots: StateSnapshots;
  readonly how: Derivation;
}

interface Watchers {
  readonly watchers: Set<(record: WrittenRecord) => void>;
  readonly checkpointWatchers: Set<(note: string) => void>;
}

/** Nothing was added, and the ledger goes on. */
function isHarmless(error: unknown): boolean {
  const codes = ["not-json", "entry-too-long", "undecodable-entry", "queue-full", "closed"];
  return error instanceof LedgerError && codes.includes(error.code);
}
