// A keeper in argv[2] that records locks for ever and keeps its state after each few entries; prints how many snapshots it has
// written, each as it is durable.
import { writeSync } from "node:fs";
import { Keeper } from "../../src/control/keeper.js";
import { snapshotTimes } from "../../src/control/state-snapshot/state-snapshots.js";
import { keeperPlace } from "../harness/keeper-place.js";

const fail = (error: unknown): never => {
  throw new Error("the keeper failed", { cause: error });
};
let written = 0;
const info = (_fields: object, message: string): void => {
  if (message === "state snapshot written") writeSync(1, `${(written += 1)}\n`);
};
const keeper = await Keeper.open(keeperPlace(process.argv[2] ?? ""), {
  nowMs: Date.now,
  log: { info, warn: fail, error: fail },
  onFailure: fail,
  onImpossible: fail,
  snapshots: { times: { ...snapshotTimes, everyEntries: 20, everyPart: 0 } },
});
const recordForEver = async (): Promise<never> => {
  for (let n = keeper.size; ; n += 1)
    await keeper.record({ type: "lock.set", kind: "identity", name: `p-${n}`, by: "root", reason: "lost" });
};
await Promise.all(Array.from({ length: 8 }, recordForEver));
