import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseAccessEvent } from "../../../src/access/index.js";
import {
  bundlePath,
  cosign,
  decodeBundle,
  encodeTlogProof,
  encodeVerifierKey,
  leafHash,
  openCheckpoint,
  openCosignatures,
  parseNote,
  parseSigner,
  parseTlogProof,
  proveConsistency,
  rootOf,
  signCheckpoint,
  tilePath,
  tilesBetween,
  verifyConsistency,
  verifyTlogProof,
  type ReadTile,
} from "../../../src/ledger/index.js";
import { TiledLog } from "../../harness/tiled-log.js";
import { vectorEntries, vectorSizes, witnessedAt, type VectorKeys } from "./vectors.js";

interface Consistency {
  readonly oldRoot: string;
  readonly root: string;
  readonly proof: readonly string[];
}

const vectors = resolve("test/vectors/ledger/v1");
const file = (path: string): Buffer => readFileSync(join(vectors, path));
const ledger = (path: string): Buffer => file(`ledger/${path}`);

const keys = JSON.parse(file("keys.json").toString()) as VectorKeys;
const log = parseSigner(keys.log);
const witness = parseSigner(keys.witness);
const { newest, witnessed } = vectorSizes;
const read: ReadTile = (tile) => Promise.resolve(ledger(tilePath(tile)));
const tree = new TiledLog(vectorEntries());

describe("ledger/vectors, v1", () => {
  it("has two checkpoints, signed and witnessed, and signs them the same today", async () => {
    const checkpoint = openCheckpoint(ledger("checkpoint"), log.verifier);
    assert.deepEqual(checkpoint, {
      origin: log.verifier.name,
      size: newest,
      root: await rootOf(read, newest),
    });
    assert.equal(signCheckpoint(checkpoint, log), ledger("checkpoint").toString());
    const note = ledger("checkpoint.witnessed");
    const older = openCheckpoint(note, log.verifier);
    assert.equal(older.size, witnessed);
    const atMs = witnessedAt * 1000;
    assert.deepEqual(openCosignatures(note, [witness.verifier]), [{ name: witness.verifier.name, atMs }]);
    assert.deepEqual(parseNote(note).signatures[1], cosign(note, witness, witnessedAt));
    const lines = [log, witness].map(({ verifier }) => `${encodeVerifierKey(verifier)}\n`);
    assert.equal(ledger("verifiers").toString(), lines.join(""));
  });

  it("has tiles and bundles that agree, with the bytes that are written today", async () => {
    for (const tile of tilesBetween(0, newest)) {
      assert.deepEqual(ledger(tilePath(tile)), await tree.read(tile), tilePath(tile));
      if (tile.level > 0) continue;
      const from = tile.index * 256;
      const entries = decodeBundle(ledger(bundlePath(tile)), tile.width);
      assert.deepEqual(entries, tree.entries.slice(from, from + tile.width));
      assert.deepEqual(Buffer.concat(entries.map(leafHash)), ledger(tilePath(tile)));
      for (const entry of entries)
        parseAccessEvent((JSON.parse(entry.toString()) as { entry: unknown }).entry);
    }
    assert.ok(!existsSync(join(vectors, "ledger/tile/2")));
  });

  it("has proofs that hold, and are made the same today", async () => {
    const said = JSON.parse(file("consistency.json").toString()) as Consistency;
    const hashes = said.proof.map((hash) => Buffer.from(hash, "hex"));
    const [old, now] = [Buffer.from(said.oldRoot, "hex"), Buffer.from(said.root, "hex")];
    verifyConsistency({ oldSize: witnessed, oldRoot: old, size: newest, root: now, proof: hashes });
    assert.deepEqual(await proveConsistency(read, witnessed, newest), hashes);
    const tlogProof = parseTlogProof(file("entry-255.tlog-proof"));
    assert.equal(encodeTlogProof(tlogProof), file("entry-255.tlog-proof").toString());
    const { extra = Buffer.alloc(0) } = tlogProof;
    const proven = verifyTlogProof({ proof: tlogProof, leaf: leafHash(extra), key: log.verifier });
    assert.equal(proven.size, witnessed);
    assert.deepEqual(extra, tree.entries[255]);
  });
});
