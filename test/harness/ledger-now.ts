import { cpSync } from "node:fs";
import { join } from "node:path";
import type { AccessEvent } from "../../src/access/index.js";
import { checkLedger } from "./check-ledger.js";
import { temporaryFolder } from "./temporary.js";

type EventOf<T extends AccessEvent["type"]> = Extract<AccessEvent, { type: T }>;

/** The events of a bastion's ledger while it runs: a copy is opened, because the ledger itself is locked. */
export async function ledgerNow(home: string): Promise<readonly AccessEvent[]> {
  const copy = join(temporaryFolder(), "journal");
  cpSync(join(home, "journal"), copy, { recursive: true });
  return (await checkLedger(copy)).events;
}

/** Those of one type, oldest first. */
export async function ledgerEvents<T extends AccessEvent["type"]>(
  home: string,
  type: T,
): Promise<readonly EventOf<T>[]> {
  return (await ledgerNow(home)).filter((event): event is EventOf<T> => event.type === type);
}
