import { AccessError } from "./access-error.js";
import { count, object, oneOf, optional, text, type Decode } from "./decode.js";
import { parseName } from "./name.js";

/**
 * What a witness said against our ledger, or said wrongly. That it could not be asked is no entry: it says nothing about
 * the ledger.
 */
export type WitnessRefusal =
  | "fork" // what it saw before is no beginning of what it was shown
  | "ahead" // it says that it saw a longer ledger than there is
  | "unknown-log" // it was not told of this ledger
  | "key-refused" // it knows the ledger by another key
  | "request-refused" // it does not understand us
  | "signature-invalid" // a cosignature of its key that is none
  | "signature-missing" // an answer without a cosignature of its key
  | "time-wrong" // a cosignature of another time than now
  | "answer-invalid"; // no answer that the protocol knows

export const WITNESS_REFUSALS = [
  ...(["fork", "ahead", "unknown-log", "key-refused", "request-refused"] as const),
  ...(["signature-invalid", "signature-missing", "time-wrong", "answer-invalid"] as const),
] satisfies readonly WitnessRefusal[];

/** A witness cosigned the ledger's checkpoint of `size` entries. Its first time, then once an hour at most. */
export interface WitnessCosigned {
  readonly type: "witness.cosigned";
  /** Its name in the configuration. */
  readonly witness: string;
  readonly size: number;
  /** The line of it as it stands below the checkpoint (C2SP tlog-cosignature): with it the ledger itself proves the witness' time. */
  readonly cosignature: string;
}

/** A witness would not cosign the checkpoint of `size` entries, or its answer was not to be believed. */
export interface WitnessRefused {
  readonly type: "witness.refused";
  readonly witness: string;
  readonly code: WitnessRefusal;
  readonly size: number;
  /** With `time-wrong`: its cosignature all the same, which says what time it was by the witness. */
  readonly cosignature?: string;
}

export type WitnessEvent = WitnessCosigned | WitnessRefused;

/** More than a line of the longest key name has. */
const LINE_CHARS_MAX = 500;
const LINE = /^\u2014 [^\s\p{C}]+ [A-Za-z0-9+/]+={0,2}$/u;

/** A signature line; whose it is, and of what, is for who has the key. */
const signatureLine = text((value, path) => {
  if (value.length > LINE_CHARS_MAX || !LINE.test(value))
    throw new AccessError("bad-value", path, "must be a note's signature line");
  return value;
});

type Decoders = { readonly [T in WitnessEvent["type"]]: Decode<Extract<WitnessEvent, { type: T }>> };

export const witnessEvents: Decoders = {
  "witness.cosigned": object<WitnessCosigned>({
    type: oneOf(["witness.cosigned"]),
    witness: text(parseName),
    size: count,
    cosignature: signatureLine,
  }),
  "witness.refused": object<WitnessRefused>({
    type: oneOf(["witness.refused"]),
    witness: text(parseName),
    code: oneOf(WITNESS_REFUSALS),
    size: count,
    cosignature: optional(signatureLine),
  }),
};
