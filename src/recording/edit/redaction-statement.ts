import type { Withheld } from "../frame.js";

/** What stands in place of redacted blocks, in each of them: who, why, and the ledger entry that approved it. */
export interface RedactionStatement {
  /** `red-…` */
  readonly redaction: string;
  readonly reason: string;
  readonly by: string;
  readonly approvedBy: string;
  /** When it was approved, milliseconds since 1970. */
  readonly atMs: number;
  /** Number of the ledger entry `redaction.approved`. */
  readonly entry: number;
}

/** In the order in which the file has them. */
export function redactionStatement(about: RedactionStatement): RedactionStatement {
  const { redaction, reason, by, approvedBy, atMs, entry } = about;
  return { redaction, reason, by, approvedBy, atMs, entry };
}

/** Longest part of a statement that is shown. */
const shownCharactersMax = 500;

/**
 * What a person reads in place of redacted blocks. attacker-controlled: whether the ledger allows the statement is for
 * verification to say, so its texts are cleaned of all that could steer a terminal.
 */
export function redactionText({ statement }: Pick<Withheld, "statement">): string {
  const { redaction, reason, by, approvedBy } = asTexts(statement);
  const who = [by && `asked by ${by}`, approvedBy && `approved by ${approvedBy}`, redaction].filter(Boolean);
  const why = reason === undefined ? "" : `: ${reason}`;
  return `redacted${why}${who.length === 0 ? "" : ` (${who.join(", ")})`}`;
}

/** Which redaction a block belongs to; the same for blocks whose statement names none. */
export function redactionOf({ statement }: Pick<Withheld, "statement">): string {
  return asTexts(statement).redaction ?? "";
}

type Texts = Partial<Record<"redaction" | "reason" | "by" | "approvedBy", string>>;

function asTexts(statement: unknown): Texts {
  if (typeof statement !== "object" || statement === null) return {};
  const texts: Texts = {};
  for (const name of ["redaction", "reason", "by", "approvedBy"] as const) {
    const value = Object.hasOwn(statement, name) ? (statement as Record<string, unknown>)[name] : undefined;
    if (typeof value === "string") texts[name] = cleaned(value);
  }
  return texts;
}

function cleaned(text: string): string {
  return text.slice(0, shownCharactersMax).replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "\ufffd");
}
