import { parseAuditorPublicKey } from "../auditor-key.js";
import { decodeJson, encodeJson } from "../canonical-json.js";
import { readKeys, type WrappedKey } from "../header.js";
import { RecordingError } from "../recording-error.js";
import { substituteAnew } from "../substitute.js";
import { digestOfBlock } from "./substitute-faults.js";
import type { WrappedKeys } from "./wrapped-keys.js";

/** What an auditor makes where their key is, and hands to the bastion: a recording's keys, wrapped anew. */
export interface RewrapStatement {
  /** `ses-…` */
  readonly session: string;
  /** Hex SHA-256 of the keys block that it was made from: two who do it at once must not undo each other. */
  readonly replaces: string;
  /** All that the block is to hold. */
  readonly keys: readonly WrappedKey[];
}

/** Longest statement: what a substitute may hold, with some for its own members. */
export const REWRAP_BYTES_MAX = 60 * 1024;
/** Of JOSE's compact form, and no longer than a key for one auditor ever is. */
const JWE = /^[A-Za-z0-9_.-]{1,1000}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;

/** One line. */
export function encodeRewrap({ session, replaces, keys }: RewrapStatement): string {
  return `${encodeJson({ session, replaces, keys }).toString("utf8")}\n`;
}

/**
 * Reads a statement strictly, as {@link encodeRewrap} writes it. Whether its keys open anything cannot be told without them.
 * @throws RecordingError `substitute-invalid`, `auditor-key-invalid`
 */
export function parseRewrap(text: string): RewrapStatement {
  const bytes = Buffer.from(text.trim(), "utf8");
  if (bytes.length > REWRAP_BYTES_MAX)
    throw new RecordingError("substitute-invalid", "a statement is too long");
  const statement = decodeJson(bytes, "substitute-invalid", (json) => ({
    session: json.member("session").text(),
    replaces: json.member("replaces").text(SHA256_HEX),
    keys: readKeys(json.member("keys")),
  }));
  for (const { recipient, jwe } of statement.keys) {
    parseAuditorPublicKey(recipient);
    if (!JWE.test(jwe))
      throw new RecordingError("substitute-invalid", "a wrapped key is not in compact form");
  }
  return statement;
}

/** What a statement changes. A key that is there stays as it is, byte for byte, or goes: nobody can spoil another's. */
export interface RewrapChange {
  readonly added: readonly WrappedKey[];
  readonly removed: readonly WrappedKey[];
}

/**
 * Holds a statement against the keys that the recording has now.
 * @throws RecordingError `substitute-invalid` for one that is for another state of them or another recording, that changes a
 * key that stays, names one twice, or leaves nobody
 */
export function compareRewrap({ session, replaces, keys }: RewrapStatement, now: WrappedKeys): RewrapChange {
  const refuse = (message: string) => new RecordingError("substitute-invalid", message);
  if (session !== now.header.session) throw refuse(`it is for ${session}`);
  if (replaces !== now.digest) throw refuse("the recording's keys have changed since it was made");
  const isNew = (key: WrappedKey) => !now.keys.some((old) => sameHolder(old, key));
  for (const [at, key] of keys.entries()) {
    if (keys.findIndex((other) => sameHolder(other, key)) !== at) throw refuse("it names an auditor twice");
    const old = now.keys.find((one) => sameHolder(one, key));
    if (old !== undefined && old.jwe !== key.jwe) throw refuse("it changes a key that is there");
  }
  if (!keys.some(({ opens }) => opens === "data")) throw refuse("nobody could open the recording any more");
  const removed = now.keys.filter((old) => !keys.some((key) => sameHolder(old, key)));
  return { added: keys.filter(isNew), removed };
}

function sameHolder(a: WrappedKey, b: WrappedKey): boolean {
  return a.recipient === b.recipient && a.opens === b.opens;
}

/** The block that takes the place of the keys, and what the ledger is to call it. */
export function keysSubstitute(
  { first }: Pick<WrappedKeys, "first">,
  { keys, by, atMs }: { readonly keys: readonly WrappedKey[]; readonly by: string; readonly atMs: number },
): { readonly block: Buffer; readonly digest: string } {
  const block = substituteAnew(first, { keys, by, atMs });
  return { block, digest: digestOfBlock(block) };
}
