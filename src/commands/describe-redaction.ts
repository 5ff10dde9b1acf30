import type { RedactionState } from "../access/index.js";
import { utcText } from "../wording/index.js";

/** How a redaction stands now. */
export function redactionStatus({ outcome, done, lapsesAtMs }: RedactionState, nowMs: number): string {
  if (outcome === undefined) return nowMs < lapsesAtMs ? "waits" : "lapsed";
  if (outcome.kind === "lapsed") return "lapsed";
  if (outcome.kind === "denied") return `denied by ${outcome.by}: ${outcome.reason}`;
  return done === undefined
    ? `approved by ${outcome.by}, not carried out yet`
    : `done ${utcText(done.atMs)}, approved by ${outcome.by}`;
}

/** `block 12`, `blocks 12 to 15`. */
export function blocksText({ from, to }: Pick<RedactionState, "from" | "to">): string {
  return from === to ? `block ${from}` : `blocks ${from} to ${to}`;
}

/** A redaction as programs get it. */
export function redactionJson(held: RedactionState, nowMs: number): object {
  return { ...held, status: redactionStatus(held, nowMs) };
}
