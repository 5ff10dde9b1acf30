import {
  isSignedAs,
  LedgerError,
  openCheckpoint,
  openCosignature,
  parseNote,
  type Checkpoint,
} from "../ledger/index.js";
import type { EvidenceFault, EvidenceFaultCode } from "./evidence-fault.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Witnessing } from "./evidence-report.js";
import type { Findings } from "./findings.js";
import type { KnownKeys } from "./known-keys.js";
import { LEDGER } from "./ledger-files.js";

export const CHECKPOINT_FILE = `${LEDGER}/checkpoint`;
export const WITNESSED_FILE = `${LEDGER}/checkpoint.witnessed`;

/** As long as a note may be. */
export const NOTE_BYTES_MAX = 256 * 1024;

/** A checkpoint whose signatures are good, and by whom. */
export interface SignedCheckpoint extends Checkpoint {
  /** The file that it stands in, as people are shown it. */
  readonly where: string;
  readonly by: readonly Witnessing[];
}

/** The checkpoint in a file; undefined when there is none, or no sound one, which is then a finding. */
export async function readCheckpoint(
  source: EvidenceSource,
  path: string,
  keys: KnownKeys,
  findings: Findings,
): Promise<SignedCheckpoint | undefined> {
  const bytes = await source.read(path, NOTE_BYTES_MAX);
  return bytes === undefined ? undefined : openSigned(bytes, source.show(path), keys, findings);
}

/**
 * Every line of the note is held to a key: a line by a key that nobody names is a finding too, for it may be a witness' whose
 * name or id was changed.
 */
export function openSigned(
  note: Buffer,
  where: string,
  { log, witnesses, isComplete }: KnownKeys,
  findings: Findings,
): SignedCheckpoint | undefined {
  try {
    const checkpoint = openCheckpoint(note, log);
    const { text, signatures } = parseNote(note);
    const by: Witnessing[] = [];
    for (const line of signatures.filter((one) => !isSignedAs(one, log))) {
      const witness = witnesses.find(({ key }) => isSignedAs(line, key));
      if (witness === undefined) {
        const detail = `a signature by ${line.name}, whose key is not known`;
        if (isComplete) findings.fault({ code: "cosignature-invalid", where, detail });
        else findings.note(`${where}: ${detail}`);
        continue;
      }
      const { key, isGiven } = witness;
      try {
        by.push({ name: key.name, atMs: openCosignature(text, line, key).atMs, isGiven });
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error;
        findings.fault({ code: "cosignature-invalid", where, detail: error.message });
      }
    }
    return { ...checkpoint, where, by };
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    findings.fault({ code: faultOf(error), where, detail: error.message });
    return undefined;
  }
}

function faultOf({ code }: LedgerError): EvidenceFaultCode {
  return code === "signature-invalid" ? "checkpoint-signature" : "checkpoint-invalid";
}

/**
 * What it means that nobody signed of those witnesses whose keys were given: whoever gives them asks for their word. One is
 * enough, for a slower one may have signed older checkpoints only. Undefined where one has, or none was asked for.
 */
export function witnessFault(
  { witnesses }: KnownKeys,
  by: readonly Witnessing[],
  where: string,
): EvidenceFault | undefined {
  const given = witnesses.filter(({ isGiven }) => isGiven).map(({ key }) => key.name);
  if (given.length === 0 || by.some(({ isGiven }) => isGiven)) return undefined;
  const detail = `it is not signed by ${given.join(", ")}, whose key was given`;
  return { code: "cosignature-missing", where, detail };
}
