import { join } from "node:path/posix";
import {
  emptyState,
  parseAccessEvent,
  tryFold,
  type AccessEvent,
  type State,
} from "../../../src/access/index.js";
import { deriveState, type Derivation } from "../../../src/control/derive-state.js";
import type { DerivedState } from "../../../src/control/derived-state.js";
import type { ControlLog } from "../../../src/control/log.js";
import { snapshotTimes, StateSnapshots } from "../../../src/control/state-snapshot/state-snapshots.js";
import { openLedgerOn, type Ledger } from "../../../src/ledger/index.js";
import { testSigner } from "../../harness/ledger-place.js";
import { MemoryDisk } from "../ledger/store/memory-disk.js";
import { MemoryStore } from "../ledger/store/memory-store.js";

const codec = { encode: (event: AccessEvent): unknown => event, decode: parseAccessEvent };
/** No timer comes in between: a checkpoint is made when somebody asks for it. */
const never = { everyMs: 1e9, gatherMs: 1e9, retryMs: 1e9, retryMsMax: 1e9 };
export const statePath = "/home/state";

/** What a keeper opens, on a disk and a store in memory. */
export class StateMachine {
  readonly disk: MemoryDisk;
  readonly store: MemoryStore;
  /** What was logged, messages only. */
  readonly said: string[] = [];
  /** Numbers of the entries that were told to be impossible. */
  readonly impossible: number[] = [];
  /** Nothing is written until somebody asks for it. */
  readonly times = { ...snapshotTimes, everyEntries: Infinity, worthEntries: Infinity };
  ledger!: Ledger<AccessEvent>;
  derived!: DerivedState;
  how!: Derivation;
  snapshots!: StateSnapshots;

  constructor(disk = new MemoryDisk(["/", "/home"]), store = new MemoryStore()) {
    this.disk = disk;
    this.store = store;
  }

  /** What another process finds when this one is killed, or after a power failure. */
  after(end: "kill" | "power-failure"): StateMachine {
    const next = new StateMachine(this.disk.copy(), new MemoryStore(new Map(this.store.disk)));
    if (end === "power-failure") next.disk.crash();
    return next;
  }

  get log(): ControlLog {
    const say = (_fields: object, message: string): void => void this.said.push(message);
    return { info: say, warn: say, error: say };
  }

  async open(): Promise<this> {
    const { disk, store, log, times } = this;
    let ms = store.disk.size;
    this.snapshots = new StateSnapshots({ path: statePath, log, disk, times }, testSigner);
    this.ledger = await openLedgerOn(
      { store, disk, times: never, files: join("/home", "ledger"), signer: testSigner },
      {
        codec,
        nowMs: () => (ms += 1),
        onAppended: (record) => {
          this.derived.fold(record);
          this.snapshots.added();
        },
      },
    );
    const onImpossible = (index: number): void => void this.impossible.push(index);
    const { derived, how } = await deriveState(this.ledger, { snapshots: this.snapshots, log, onImpossible });
    [this.derived, this.how] = [derived, how];
    return this;
  }

  /** From here on snapshots are written as control has them written. */
  begin(): this {
    this.snapshots.begin(this.derived, this.ledger);
    return this;
  }

  async append(events: readonly AccessEvent[]): Promise<void> {
    await Promise.all(events.map((event) => this.ledger.append(event)));
  }

  /** Writes a snapshot, as a stop that is in order does. */
  async keepState(): Promise<void> {
    this.begin();
    this.times.worthEntries = 1;
    await this.snapshots.stop();
  }

  /** What is true by all entries. */
  async replayed(): Promise<State> {
    const state = emptyState();
    for await (const { entry, atMs } of this.ledger.read()) tryFold(state, entry, atMs);
    return state;
  }

  async close(): Promise<void> {
    await this.snapshots.close();
    await this.ledger.close();
  }
}
