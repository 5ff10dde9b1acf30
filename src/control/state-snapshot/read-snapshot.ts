import { createHash } from "node:crypto";
import { AccessError, StateBuilder, type State } from "../../access/index.js";
import { LedgerError, type Frontier, type ReadableFile, type VerifierKey } from "../../ledger/index.js";
import { HEAD_BYTES_MAX, openSnapshotHead, SNAPSHOT_FORMAT, type SnapshotHead } from "./snapshot-head.js";
import { signedTree, treeAt, type TreeProof } from "./tree-at.js";
import { LINE_BYTES_MAX, type SnapshotPlace } from "./write-snapshot.js";

/** Why a snapshot is not used. */
export type SnapshotRefusal =
  | "absent"
  | "unreadable" // the disk cannot give it
  | "unsigned" // no head that the ledger's key signed: torn, or by somebody else
  | "other-code" // folded by another version
  | "ahead" // of more entries than are signed for
  | "other-tree" // of entries that this ledger does not have
  | "damaged"; // not the body that was signed for

/** A state that may be gone on with, and the tree of the entries behind which to go on. */
export type SnapshotVerdict =
  | { readonly ok: true; readonly state: State; readonly tree: Frontier }
  | { readonly ok: false; readonly reason: SnapshotRefusal; readonly detail?: string };

const READ_BYTES = 1024 * 1024;

/**
 * Reads the snapshot of a ledger's state. One that is used was signed by the ledger's key, folded by this code, of a tree that the
 * newest checkpoint's began as, and is whole. Never rejects.
 */
export async function readSnapshot(
  { path, disk, signer: { verifier }, code }: SnapshotPlace,
  ledger: TreeProof,
): Promise<SnapshotVerdict> {
  try {
    const file = await disk.openToRead(path);
    if (file === undefined) return refused("absent");
    try {
      const head = await readHead(file, verifier);
      if (head === undefined) return refused("unsigned");
      if (head.code !== code) return refused("other-code");
      if (head.size > signedTree(ledger).size) return refused("ahead", `it is of ${head.size} entries`);
      const tree = await treeAt(ledger, head.size).catch(asRefusal);
      if (!("root" in tree)) return tree;
      if (!tree.root().equals(head.root)) return refused("other-tree");
      const state = await readBody(file, head).catch(asRefusal);
      return "ok" in state ? state : { ok: true, state, tree };
    } finally {
      await file.close();
    }
  } catch (error) {
    return refused("unreadable", String(error));
  }
}

/** The signed text at the end of the file, behind a body of just the length that it says. */
async function readHead(file: ReadableFile, key: VerifierKey): Promise<SnapshotHead | undefined> {
  const from = Math.max(0, file.size - HEAD_BYTES_MAX);
  const end = await file.read(from, file.size - from);
  const at = end.lastIndexOf(`\n${SNAPSHOT_FORMAT}\n`) + 1; // a line of JSON does not begin like this
  if (at === 0) return undefined;
  try {
    const head = openSnapshotHead(end.subarray(at), key);
    return head.bytes === from + at ? head : undefined;
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/** attacker-controlled until the hash was compared, behind the last line: what is made of it before is thrown away. */
async function readBody(file: ReadableFile, { bytes, hash }: SnapshotHead): Promise<State> {
  const hashed = createHash("sha256");
  const builder = new StateBuilder();
  let rest: Buffer[] = [];
  let restBytes = 0;
  for (let at = 0; at < bytes; at += READ_BYTES) {
    const read = await file.read(at, Math.min(READ_BYTES, bytes - at));
    hashed.update(read);
    let from = 0;
    for (let end = read.indexOf("\n"); end !== -1; end = read.indexOf("\n", from)) {
      const line = Buffer.concat([...rest, read.subarray(from, end)]);
      [rest, restBytes, from] = [[], 0, end + 1];
      builder.add(JSON.parse(line.toString()));
    }
    rest.push(read.subarray(from));
    restBytes += read.length - from;
    if (restBytes > LINE_BYTES_MAX) throw new SyntaxError("a line is too long");
  }
  if (restBytes > 0 || hashed.digest("hex") !== hash) throw new SyntaxError("it is not what was signed for");
  return builder.finish();
}

function asRefusal(error: unknown): SnapshotVerdict & { readonly ok: false } {
  if (error instanceof LedgerError) return refused("other-tree", error.message);
  if (error instanceof SyntaxError || error instanceof AccessError) return refused("damaged", error.message);
  throw error;
}

function refused(reason: SnapshotRefusal, detail?: string): SnapshotVerdict & { readonly ok: false } {
  return { ok: false, reason, ...(detail !== undefined && { detail }) };
}
