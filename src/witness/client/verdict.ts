import {
  isSignedAs,
  LedgerError,
  openCosignature,
  parseNote,
  parseTreeHead,
  type NoteSignature,
  type VerifierKey,
} from "../../ledger/index.js";
import type { Submission } from "../submission.js";
import type { Asked } from "./ask.js";

/** What a witness said against a checkpoint, or said wrongly. */
export type RefusalCode =
  | "fork" // what it cosigned before is no beginning of what it was shown
  | "ahead" // it says that it cosigned a larger tree than there is
  | "unknown-log" // it was not told of this log
  | "key-refused" // it knows the log by another key
  | "request-refused" // it does not understand us
  | "signature-invalid" // a line of its key that does not verify
  | "signature-missing" // no line of its key
  | "time-wrong" // a cosignature of another time than now
  | "answer-invalid"; // no answer that C2SP tlog-witness knows

/** What an answer means, with everything in it verified that is kept. `detail` is safe to show. */
export type Verdict =
  | { readonly kind: "cosigned"; readonly signature: NoteSignature; readonly atMs: number }
  /** It cosigned a tree of that size last, which is not what we thought: ask again from there. */
  | { readonly kind: "last-size"; readonly size: number }
  /** With `time-wrong` there is a cosignature, and it is good. */
  | {
      readonly kind: "refused";
      readonly code: RefusalCode;
      readonly detail: string;
      readonly signature?: NoteSignature;
    }
  | { readonly kind: "slow" | "away"; readonly detail: string };

/** How far a witness' clock may be from ours: what NTP never lets happen, and what people take for the same time. */
export const CLOCK_APART_MAX_MS = 10 * 60_000;

const SIZE = /^(0|[1-9]\d{0,15})\n$/u;

/** Reads an answer to `submission` by the witness with this key. Throws LedgerError only for a submission of ours that is none. */
export function verdictOf(submission: Submission, asked: Asked, key: VerifierKey, nowMs: number): Verdict {
  if (asked.kind === "too-large") return refused("answer-invalid", asked.detail);
  if (asked.kind !== "answer") return { kind: asked.kind, detail: asked.detail };
  const { status, mediaType, body } = asked;
  switch (status) {
    case 200:
      return cosignedBy(submission.note, body, key, nowMs);
    case 400:
      return refused("request-refused", "it does not understand the request (HTTP 400)");
    case 403:
      return refused("key-refused", "it knows this ledger by another key (HTTP 403)");
    case 404:
      return refused(
        "unknown-log",
        "it was not told of this ledger, or its address is another one (HTTP 404)",
      );
    case 409:
      return conflict(submission, mediaType, body);
    case 422:
      return refused("fork", "what it cosigned before is not a beginning of this ledger (HTTP 422)");
    default:
      return isPassing(status)
        ? { kind: "away", detail: `HTTP ${status}` }
        : refused("answer-invalid", `HTTP ${status}, which no witness answers`);
  }
}

/** A reverse proxy's and an overloaded server's ways to say: later. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 429;
}

function conflict({ oldSize, note }: Submission, mediaType: string, body: Buffer): Verdict {
  const { size } = parseTreeHead(parseNote(note).text);
  const theirs = Number(SIZE.exec(body.toString("latin1"))?.[1] ?? NaN);
  if (oldSize === size && (Number.isNaN(theirs) || theirs === size))
    return refused("fork", `it cosigned another tree of ${size} entries (HTTP 409)`);
  if (mediaType !== "text/x.tlog.size" || !Number.isSafeInteger(theirs))
    return refused("answer-invalid", "a conflict that names no size (HTTP 409)");
  if (theirs > size)
    return refused(
      "ahead",
      `it cosigned ${theirs} entries before, and there are ${size}: the ledger was rolled back, or it lies`,
    );
  if (theirs === oldSize) return refused("answer-invalid", "a conflict where there is none (HTTP 409)");
  return { kind: "last-size", size: theirs };
}

/** Lines by other keys are passed over; each by its own must verify. */
function cosignedBy(note: string, body: Buffer, key: VerifierKey, nowMs: number): Verdict {
  const { text } = parseNote(note);
  let own: readonly NoteSignature[];
  try {
    const lines = parseNote(Buffer.concat([Buffer.from(`${text}\n`), body]));
    if (lines.text !== text) return refused("answer-invalid", "it answered with more than signature lines");
    own = lines.signatures.filter((line) => isSignedAs(line, key));
  } catch (error) {
    if (error instanceof LedgerError) return refused("answer-invalid", "it answered with no signature lines");
    throw error;
  }
  const [signature] = own;
  if (signature === undefined) return refused("signature-missing", `no cosignature by ${key.name}`);
  try {
    const [atMs = NaN] = own.map((line) => openCosignature(text, line, key).atMs);
    if (Math.abs(atMs - nowMs) <= CLOCK_APART_MAX_MS) return { kind: "cosigned", signature, atMs };
    const apart = `${Math.round(Math.abs(atMs - nowMs) / 1000)} s ${atMs < nowMs ? "behind" : "ahead of"}`;
    return { ...refused("time-wrong", `its clock is ${apart} ours`), signature };
  } catch (error) {
    if (error instanceof LedgerError)
      return refused("signature-invalid", "a cosignature that does not verify");
    throw error;
  }
}

function refused(code: RefusalCode, detail: string): Extract<Verdict, { kind: "refused" }> {
  return { kind: "refused", code, detail };
}
