import { createHash } from "node:crypto";
import {
  encodeVerifierKey,
  parseNote,
  parseTreeHead,
  type Checkpoint,
  type VerifierKey,
} from "../../ledger/index.js";
import { WitnessError } from "../witness-error.js";

/** The checkpoint that a witness cosigned last for one log: the note with the log's own signatures, and what it says. */
export interface Cosigned {
  readonly note: string;
  readonly head: Checkpoint;
}

/** By origin. */
export type CosignedByOrigin = ReadonlyMap<string, Cosigned>;

const FORMAT = "bascule-witness-state/v1";

/** State of a witness of some 10,000 logs. */
export const STATE_BYTES_MAX = 16 * 1024 * 1024;

/** The state as a file: one line of JSON, and its SHA-256 on a second one. */
export function encodeState(witness: VerifierKey, cosigned: CosignedByOrigin): string {
  const checkpoints = [...cosigned.values()].map(({ note }) => note);
  const line = JSON.stringify({ format: FORMAT, witness: encodeVerifierKey(witness), checkpoints });
  return `${line}\n${sha256(line)}\n`;
}

/**
 * Reads a state. It must be, byte for byte, what a witness with this key wrote: one that forgot what it signed could sign
 * a fork. Throws WitnessError `state-invalid`, `state-foreign`.
 */
export function decodeState(text: string, witness: VerifierKey): CosignedByOrigin {
  const [line = "", hash] = text.split("\n");
  if (hash !== sha256(line)) throw invalid("it does not have its hash");
  const { format, witness: owner, checkpoints } = asState(line);
  if (format !== FORMAT) throw invalid("of another format");
  if (owner !== encodeVerifierKey(witness)) {
    const message = "the state is of a witness with another key: each has a folder of its own";
    throw new WitnessError("state-foreign", message);
  }
  const cosigned = new Map(checkpoints.map(parseCosigned).map((one) => [one.head.origin, one]));
  if (encodeState(witness, cosigned) !== text) throw invalid("it is not what was written");
  return cosigned;
}

function parseCosigned(note: string): Cosigned {
  try {
    return { note, head: parseTreeHead(parseNote(note).text) };
  } catch (cause) {
    throw invalid("a checkpoint that is none", cause);
  }
}

interface StateLine {
  readonly format: unknown;
  readonly witness: unknown;
  readonly checkpoints: readonly string[];
}

function asState(line: string): StateLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw invalid("no JSON", cause);
  }
  const { format, witness, checkpoints } = (value ?? {}) as Record<string, unknown>;
  const isText = (one: unknown): one is string => typeof one === "string";
  if (!Array.isArray(checkpoints) || !checkpoints.every(isText)) throw invalid("no list of checkpoints");
  return { format, witness, checkpoints };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function invalid(what: string, cause?: unknown): WitnessError {
  return new WitnessError("state-invalid", `the state is damaged (${what}); nothing is signed on it`, cause);
}
