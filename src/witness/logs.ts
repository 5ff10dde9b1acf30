import { LedgerError, parseVerifierKey, type VerifierKey } from "../ledger/index.js";
import { WitnessError } from "./witness-error.js";

/** The logs of a witness by their origins, which are their keys' names; a log may have several keys. Throws WitnessError `log-invalid`. */
export function parseLogs(texts: readonly string[]): ReadonlyMap<string, readonly VerifierKey[]> {
  const logs = new Map<string, VerifierKey[]>();
  for (const text of texts) {
    const key = parseLog(text);
    logs.set(key.name, [...(logs.get(key.name) ?? []), key]);
  }
  return logs;
}

function parseLog(text: string): VerifierKey {
  let key: VerifierKey;
  try {
    key = parseVerifierKey(text);
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new WitnessError("log-invalid", `not a log's verifier key: ${cause.message}`, cause);
  }
  if (key.type !== "ed25519")
    throw new WitnessError("log-invalid", `${key.name}: a witness' key, not a log's`);
  return key;
}
