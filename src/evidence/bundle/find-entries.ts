import { AccessError, parseAccessEvent, type AccessEvent, type SessionId } from "../../access/index.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceSource } from "../evidence-source.js";
import { openEntry } from "../ledger-entry.js";
import { bundlesOf } from "./ledger-reader.js";
import { SessionPart, type KnownParts } from "./session-part.js";

/** One entry that belongs to a session. */
export interface FoundEntry {
  readonly index: number;
  readonly bytes: Buffer;
  readonly event: AccessEvent;
}

export interface FindOptions {
  readonly known?: KnownParts;
  readonly signal?: AbortSignal;
}

/**
 * The entries of the first `size` that belong to a session, in order: those of `SessionPart`, of its heads the last, and the one that
 * named the policy in force when it began. Empty when the session is not there. Throws EvidenceError, LedgerError `bundle-invalid`.
 */
export async function findEntries(
  source: EvidenceSource,
  session: SessionId,
  size: number,
  { known, signal }: FindOptions = {},
): Promise<readonly FoundEntry[]> {
  const part = new SessionPart(session, known);
  for (;;) {
    const found = await walk(source, part, size, signal);
    if (!part.takeGrowth()) return found;
  }
}

async function walk(
  source: EvidenceSource,
  part: SessionPart,
  size: number,
  signal?: AbortSignal,
): Promise<readonly FoundEntry[]> {
  const found: FoundEntry[] = [];
  let policy: FoundEntry | undefined;
  let head: FoundEntry | undefined;
  let isStarted = false;
  for await (const { first, entries, bytes: all } of bundlesOf(source, size)) {
    signal?.throwIfAborted();
    if (!mayBelong(all, part) && (isStarted || !namesPolicy(all))) continue; // of a million entries a few are asked for
    for (const [at, bytes] of entries.entries()) {
      const isPolicy = !isStarted && namesPolicy(bytes);
      if (!isPolicy && !mayBelong(bytes, part)) continue;
      const entry = openFound(first + at, bytes);
      if (isPolicy && isPolicyEvent(entry.event)) policy = entry;
      if (!part.has(entry.event)) continue;
      if (entry.event.type === "recording.head") head = entry;
      else found.push(entry);
      if (entry.event.type === "session.started") isStarted = true;
    }
  }
  if (!isStarted) return [];
  const others = [policy, head].filter((entry) => entry !== undefined);
  return [...found, ...others].sort((a, b) => a.index - b.index);
}

/** A look at the bytes, to spare most entries from being taken apart. */
function mayBelong(bytes: Buffer, part: SessionPart): boolean {
  return bytes.includes('"hold.set"') || part.marks.some((mark) => bytes.includes(mark));
}

function namesPolicy(bytes: Buffer): boolean {
  return bytes.includes('"bastion.started"') || bytes.includes('"policy.loaded"');
}

function isPolicyEvent({ type }: AccessEvent): boolean {
  return type === "bastion.started" || type === "policy.loaded";
}

/** An entry whose bytes are what they should be. Throws EvidenceError `unreadable`. */
export function openFound(index: number, bytes: Buffer): FoundEntry {
  const opened = openEntry(index, bytes);
  if (typeof opened === "string") throw new EvidenceError("unreadable", `entry ${index}: ${opened}`);
  try {
    return { index, bytes, event: parseAccessEvent(opened.event) };
  } catch (cause) {
    if (!(cause instanceof AccessError)) throw cause;
    throw new EvidenceError("unreadable", `entry ${index}: ${cause.message}`, { cause });
  }
}
