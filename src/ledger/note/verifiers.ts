import { LedgerError } from "../ledger-error.js";
import { encodeVerifierKey, parseVerifierKey, type VerifierKey } from "./verifier-key.js";

/** More lines than a ledger will ever have witnesses, and far below what would cost anything to read. */
const VERIFIERS_MAX = 256;

/** Who may be believed about a ledger, as its file `verifiers` says. It proves nothing against who could replace that file too. */
export interface Verifiers {
  /** The log's own key. */
  readonly log: VerifierKey;
  /** Of each witness that ever cosigned, in the order of their first time. */
  readonly witnesses: readonly VerifierKey[];
}

/**
 * Reads `ledger/verifiers`: a verifier key a line, first the log's (Ed25519), then witnesses' (cosignature/v1), none twice.
 * What is read encodes to the same text. Throws LedgerError `note-invalid`.
 */
export function parseVerifiers(text: string): Verifiers {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw invalid("no lines, or no newline at the end");
  if (lines.length > VERIFIERS_MAX) throw invalid("too many lines");
  if (new Set(lines).size !== lines.length) throw invalid("one key twice");
  const [log, ...witnesses] = lines.map(parseVerifierKey);
  if (log?.type !== "ed25519") throw invalid("the first line is not a log's key");
  if (!witnesses.every(({ type }) => type === "cosignature"))
    throw invalid("a witness' line is no witness' key");
  return { log, witnesses };
}

/** The file's text. Throws LedgerError `note-invalid` for what `parseVerifiers` would not read back. */
export function encodeVerifiers({ log, witnesses }: Verifiers): string {
  const text = [log, ...witnesses].map((key) => `${encodeVerifierKey(key)}\n`).join("");
  parseVerifiers(text);
  return text;
}

function invalid(what: string): LedgerError {
  return new LedgerError("note-invalid", `not a list of verifier keys: ${what}`);
}
