import type { Block } from "../block.js";
import { openBlockSource } from "../block-source.js";
import { sha256 } from "../chain.js";
import { decodeHeader, decodeKeys, type RecordingHeader, type WrappedKey } from "../header.js";
import { placedAt, RecordingError } from "../recording-error.js";
import { substitutedKeys, type Substitute } from "../substitute.js";
import { Walk } from "../walk.js";
import { digestOfBlock } from "./substitute-faults.js";

/** The keys of a recording as they are now, and the block that they are in. */
export interface WrappedKeys {
  readonly header: Omit<RecordingHeader, "keys">;
  readonly keys: readonly WrappedKey[];
  /** Hex SHA-256 of the block as it is in the file: what a change of the keys names as that which it changes. */
  readonly digest: string;
  /** The first keys block, which a substitute stands for. */
  readonly first: Omit<Substitute, "statement">;
}

/**
 * Reads who can open a recording. Needs no key.
 * @throws RecordingError `read-failed`, `header-truncated`, `header-invalid`, …
 */
export async function readWrappedKeys(path: string): Promise<WrappedKeys> {
  const source = await openBlockSource(path);
  try {
    const walk = new Walk();
    let header: WrappedKeys["header"] | undefined;
    for await (const block of source.blocks()) {
      const step = walk.enter(block);
      if (header !== undefined) return { header, ...keysOf(block, step.substitute) };
      header = placedAt(block.offset, () => decodeHeader(block.body));
      walk.leave(step);
    }
    throw new RecordingError("header-truncated", "the file ends before its keys do");
  } finally {
    await source.close();
  }
}

function keysOf(block: Block, substitute: Substitute | undefined): Omit<WrappedKeys, "header"> {
  const digest = digestOfBlock(block.bytes);
  if (substitute !== undefined) {
    const { kind, bytes, hash } = substitute;
    return { keys: substitutedKeys(substitute), digest, first: { kind, bytes, hash } };
  }
  const { kind, bytes } = block;
  const keys = placedAt(block.offset, () => decodeKeys(block.body));
  return { keys, digest, first: { kind, bytes: bytes.length, hash: sha256(bytes) } };
}
