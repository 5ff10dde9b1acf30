import { emptyState, type AccessError } from "../access/index.js";
import type { AccessEvent } from "../access/index.js";
import type { Ledger } from "../ledger/index.js";
import { DerivedState } from "./derived-state.js";
import type { ControlLog } from "./log.js";
import type { SnapshotRefusal } from "./state-snapshot/read-snapshot.js";
import type { StateSnapshots } from "./state-snapshot/state-snapshots.js";

/** How control came to know what is true, at its start. */
export interface Derivation {
  /** How many entries the snapshot was of that it went on from; 0 if it read them all. */
  readonly snapshot: number;
  /** Why it used none. */
  readonly refused?: SnapshotRefusal;
  /** How many entries it read and folded. */
  readonly folded: number;
  readonly tookMs: number;
}

export interface DerivingOptions {
  readonly onImpossible: (index: number, error: AccessError) => void;
  readonly snapshots: StateSnapshots;
  readonly log: ControlLog;
}

/**
 * What is true by the ledger's entries: those behind a snapshot that may be used, or else all of them. Entries that cannot be are
 * told of if they are read; those before the snapshot were, when they were written or first read. Throws LedgerError.
 */
export async function deriveState(
  ledger: Ledger<AccessEvent>,
  { onImpossible, snapshots, log }: DerivingOptions,
): Promise<{ readonly derived: DerivedState; readonly how: Derivation }> {
  const begunMs = performance.now();
  const found = await snapshots.read(ledger);
  const entries = ledger.size;
  if (!found.ok && entries > 0) {
    const { reason, detail } = found;
    const say = reason === "absent" ? "info" : "warn";
    log[say]({ reason, detail, entries }, "state snapshot not used; every entry is read");
  }
  const snapshot = found.ok ? found.tree.size : 0;
  const derived = new DerivedState(found.ok ? found.state : emptyState(), snapshot);
  for await (const record of found.ok ? ledger.readBehind(found.tree) : ledger.read()) {
    const fault = derived.fold(record);
    if (fault !== undefined) onImpossible(record.index, fault);
  }
  const [folded, tookMs] = [entries - snapshot, Math.round(performance.now() - begunMs)];
  if (found.ok) log.info({ snapshot, folded, ms: tookMs }, "state taken from its snapshot");
  const refused = found.ok ? undefined : { refused: found.reason };
  return { derived, how: { snapshot, folded, tookMs, ...refused } };
}
