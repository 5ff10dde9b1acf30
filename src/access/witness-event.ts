import { count, object, oneOf, text, type Decode } from "./decode.js";
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
}

/** A witness would not cosign the checkpoint of `size` entries, or its answer was not to be believed. */
export interface WitnessRefused {
  readonly type: "witness.refused";
  readonly witness: string;
  readonly code: WitnessRefusal;
  readonly size: number;
}

export type WitnessEvent = WitnessCosigned | WitnessRefused;

type Decoders = { readonly [T in WitnessEvent["type"]]: Decode<Extract<WitnessEvent, { type: T }>> };

export const witnessEvents: Decoders = {
  "witness.cosigned": object<WitnessCosigned>({
    type: oneOf(["witness.cosigned"]),
    witness: text(parseName),
    size: count,
  }),
  "witness.refused": object<WitnessRefused>({
    type: oneOf(["witness.refused"]),
    witness: text(parseName),
    code: oneOf(WITNESS_REFUSALS),
    size: count,
  }),
};
