import {
  blockBodyBytesMax,
  BlockKind,
  blockPrefixBytesMax,
  encodeBlock,
  holdsFrames,
  tagBytes,
  type Block,
} from "./block.js";
import { decodeJson, encodeJson, Json } from "./canonical-json.js";
import { sha256 } from "./chain.js";
import { readKeys, type WrappedKey } from "./header.js";
import { RecordingError } from "./recording-error.js";
import { streamBytesMax } from "./stream-chunk.js";
import { ByteCursor, varintBytesMax, writeVarint } from "./varint.js";

/**
 * What stands in place of a block that was taken out afterwards: of sealed frames (redaction) or of the wrapped keys
 * (re-wrap). It keeps the block's length and SHA-256, and so the chain; whether the statement was allowed is for the
 * ledger to say.
 */
export interface Substitute {
  /** Kind of the block that was here, or TORN_KIND. */
  kind: number;
  /** Its whole length. */
  bytes: number;
  /** Its SHA-256. */
  hash: Buffer;
  /** JSON: who, why, signatures. In place of the keys block it has a member `keys`. */
  statement: unknown;
}

/** In place of a block's kind: what a dead writer left behind the last whole block. It is no block, and not of the chain. */
export const TORN_KIND = 0x04;

/** Signatures of several people and a reason, or keys for many auditors. */
const statementBytesMax = 64 * 1024;

/** The substitute of `block`, as a block. @throws RecordingError `substitute-invalid` */
export function encodeSubstitute({ kind, bytes }: Pick<Block, "kind" | "bytes">, statement: unknown): Buffer {
  return substituteAnew({ kind, bytes: bytes.length, hash: sha256(bytes) }, statement);
}

/** The same for what is substituted already: another statement about the same block. */
export function substituteAnew(of: Omit<Substitute, "statement">, statement: unknown): Buffer {
  const prefix = Buffer.alloc(1 + varintBytesMax);
  prefix[0] = of.kind;
  const prefixBytes = writeVarint(prefix, 1, of.bytes);
  const body = Buffer.concat([prefix.subarray(0, prefixBytes), of.hash, encodeJson(statement)]);
  decodeSubstitute(body);
  return encodeBlock(BlockKind.substitute, body);
}

/**
 * A substitute block's body: `kind ‖ length ‖ SHA-256 ‖ statement`.
 * @throws RecordingError `substitute-invalid`
 */
export function decodeSubstitute(body: Buffer): Substitute {
  const cursor = new ByteCursor(body);
  const kind = cursor.byte();
  const bytes = cursor.varint();
  const hash = cursor.take(32);
  const text = cursor.take(body.length - cursor.at);
  if (kind === undefined || bytes === undefined || hash === undefined || text === undefined)
    throw new RecordingError("substitute-invalid", "a substitute ends too early");
  const isPossible = kind === BlockKind.keys || kind === TORN_KIND || holdsFrames(kind);
  if (!isPossible || bytes > blockBytesMax(kind))
    throw new RecordingError("substitute-invalid", "a substitute for what cannot have been there");
  if (text.length > statementBytesMax)
    throw new RecordingError("substitute-invalid", "a statement is too long");
  const statement = decodeJson(text, "substitute-invalid", (json) => {
    if (kind === BlockKind.keys) readKeys(json.member("keys"));
    return json.any();
  });
  return { kind, bytes, hash, statement };
}

function blockBytesMax(kind: number): number {
  const [stream, other] = [streamBytesMax + 3 + tagBytes, blockBodyBytesMax + blockPrefixBytesMax];
  if (kind === TORN_KIND) return Math.max(stream, other); // less than a whole one of either
  return kind === BlockKind.stream ? stream : other;
}

/** The keys that a re-wrap's statement holds. `decodeSubstitute` has checked them. */
export function substitutedKeys(substitute: Substitute): WrappedKey[] {
  return readKeys(new Json(substitute.statement, "$").member("keys"));
}
