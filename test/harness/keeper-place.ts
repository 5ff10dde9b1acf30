import { join } from "node:path";
import type { KeeperPlace } from "../../src/control/keeper.js";
import type { ControlLog } from "../../src/control/log.js";
import { ledgerPlace } from "./ledger-place.js";

/** A ledger's place in a folder and that of the state's snapshot, as a home has them, with the tests' key. */
export function keeperPlace(folder: string): KeeperPlace {
  return { ...ledgerPlace(folder), state: join(folder, "state") };
}

export const silentLog: ControlLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
