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
  const search: Search = { part: new SessionPart(session, known), entries: new Map() };
  // what is learnt at an entry may be of those before it; those behind it were asked with it in mind
  for (let end = size; end > 0;) end = await walk(bundlesOf(source, size, end), search, signal);
  const { entries, policy, head, startedAt } = search;
  if (startedAt === undefined) return [];
  const others = [policy, head].filter((entry) => entry !== undefined);
  return [...entries.values(), ...others].sort((a, b) => a.index - b.index);
}

/** What was found so far. */
interface Search {
  readonly part: SessionPart;
  readonly entries: Map<number, FoundEntry>;
  /** Number of `session.started`. */
  startedAt?: number;
  /** The last before it that named a policy. */
  policy?: FoundEntry;
  /** The last head of its recording. */
  head?: FoundEntry;
}

/** Looks at entries from the first on. Gives the number of the last at which something new was learnt; 0 when nothing was. */
async function walk(
  bundles: ReturnType<typeof bundlesOf>,
  search: Search,
  signal?: AbortSignal,
): Promise<number> {
  const { part } = search;
  let grownAt = 0;
  for await (const { first, bytes: all, entries } of bundles) {
    signal?.throwIfAborted();
    if (!mayMatter(all, search)) continue; // of a million entries a few are asked for
    for (const [at, bytes] of entries().entries()) {
      if (!mayMatter(bytes, search)) continue;
      take(openFound(first + at, bytes), search);
      if (part.takeGrowth()) grownAt = first + at;
    }
  }
  return grownAt;
}

function take(entry: FoundEntry, search: Search): void {
  const { index, event } = entry;
  if (search.startedAt === undefined && isPolicyEvent(event)) search.policy = entry;
  if (!search.part.has(event)) return;
  if (event.type !== "recording.head") search.entries.set(index, entry);
  else if (index > (search.head?.index ?? -1)) search.head = entry;
  if (event.type === "session.started") search.startedAt = index;
}

/** A look at the bytes, to spare most entries from being taken apart. */
function mayMatter(bytes: Buffer, { part, startedAt }: Search): boolean {
  const mayBelong = part.marks.some((mark) => bytes.includes(mark));
  return mayBelong || (startedAt === undefined && NAME_POLICY.some((mark) => bytes.includes(mark)));
}

const NAME_POLICY = ['"bastion.started"', '"policy.loaded"'].map((text) => Buffer.from(text));

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
