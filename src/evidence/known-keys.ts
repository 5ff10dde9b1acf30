import { encodeVerifierKey, LedgerError, parseVerifierKey, type VerifierKey } from "../ledger/index.js";
import { EvidenceError } from "./evidence-error.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { LEDGER } from "./ledger-files.js";

export const VERIFIERS_FILE = `${LEDGER}/verifiers`;

/** A few hundred keys. */
const VERIFIERS_BYTES_MAX = 64 * 1024;

/** The keys that checkpoints are held to. */
export interface KnownKeys {
  readonly log: VerifierKey;
  /** Whether the log's key was given by whoever verifies. */
  readonly isLogGiven: boolean;
  readonly witnesses: readonly WitnessKey[];
  /** Whether the evidence's own list could be read, so that a key which nobody names is none. */
  readonly isComplete: boolean;
}

export interface WitnessKey {
  readonly key: VerifierKey;
  readonly isGiven: boolean;
}

/**
 * The keys that were given, and those that the evidence itself names, held against each other; undefined when there is no key
 * of the log at all, which is a finding. Throws EvidenceError `verifier-invalid` for a given key that is none.
 */
export async function knownKeys(
  source: EvidenceSource,
  given: readonly string[],
  findings: Findings,
): Promise<KnownKeys | undefined> {
  const givenKeys = given.map(parseGiven);
  const before = findings.faults.length;
  const own = await readVerifiers(source, findings);
  const isComplete = findings.faults.length === before;
  const logs = givenKeys.filter(({ type }) => type === "ed25519");
  const [ownLog, ...ownOthers] = own;
  const log = logs.find((key) => ownLog !== undefined && isSame(key, ownLog)) ?? logs[0] ?? ownLog;
  if (log === undefined) return undefined;
  const isLogGiven = logs.length > 0;
  if (isLogGiven && ownLog !== undefined && !isSame(log, ownLog))
    findings.fault({
      code: "verifiers-invalid",
      where: source.show(VERIFIERS_FILE),
      detail: `its log key is ${ownLog.name}+${ownLog.keyId.toString("hex")}, not the one that was given`,
    });
  const witnesses = givenKeys.filter(({ type }) => type === "cosignature");
  const others = ownOthers.filter(
    (key) => key.type === "cosignature" && !witnesses.some((one) => isSame(one, key)),
  );
  return {
    ...{ log, isLogGiven, isComplete },
    witnesses: [
      ...witnesses.map((key) => ({ key, isGiven: true })),
      ...others.map((key) => ({ key, isGiven: false })),
    ],
  };
}

function parseGiven(text: string): VerifierKey {
  try {
    return parseVerifierKey(text.trim());
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new EvidenceError("verifier-invalid", `${cause.message}: expected name+hash+key`, { cause });
  }
}

/** One key a line, the log's first. A byte that changes changes a key or its id, and they no longer agree. */
async function readVerifiers(source: EvidenceSource, findings: Findings): Promise<readonly VerifierKey[]> {
  const bytes = await source.read(VERIFIERS_FILE, VERIFIERS_BYTES_MAX);
  const where = source.show(VERIFIERS_FILE);
  const wrong = (detail: string, offset?: number): void =>
    findings.fault({ code: "verifiers-invalid", where, detail, ...(offset !== undefined && { offset }) });
  if (bytes === undefined) {
    wrong("it is missing");
    return [];
  }
  const keys: VerifierKey[] = [];
  let offset = 0;
  for (const line of bytes.toString("latin1").split("\n").slice(0, -1)) {
    const key = tryParse(Buffer.from(line, "latin1").toString());
    const isDue = key?.type === (keys.length === 0 ? "ed25519" : "cosignature");
    const isNew = key !== undefined && !keys.some((one) => isSame(one, key));
    if (key === undefined || !isDue || !isNew) wrong("a line that is no key which belongs there", offset);
    else keys.push(key);
    offset += line.length + 1;
  }
  if (bytes.at(-1) !== 0x0a) wrong("it does not end with a line end", offset);
  return keys;
}

function tryParse(text: string): VerifierKey | undefined {
  try {
    return parseVerifierKey(text);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

function isSame(one: VerifierKey, other: VerifierKey): boolean {
  return encodeVerifierKey(one) === encodeVerifierKey(other);
}
