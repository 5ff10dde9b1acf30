import { canonicalJson, Frontier, leafHash } from "../ledger/index.js";

/** An entry as a bastion has it at hand. */
export interface HeldEntry {
  readonly index: number;
  readonly atMs: number;
  readonly entry: unknown;
}

/** The root, in base64, over the first `size` of these entries, to be held against a checkpoint; undefined when there are fewer. */
export async function rootOfEntries(
  entries: AsyncIterable<HeldEntry>,
  size: number,
): Promise<string | undefined> {
  const frontier = Frontier.empty();
  if (size > 0)
    for await (const { index, atMs, entry } of entries) {
      frontier.append(leafHash(Buffer.from(canonicalJson({ at: atMs, entry, index }))));
      if (frontier.size === size) break;
    }
  return frontier.size === size ? frontier.root().toString("base64") : undefined;
}
