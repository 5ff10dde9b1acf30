/**
 * Made test/vectors/ledger/v1, once. Never to be run over it again: old files stay readable for ever. It is kept to say
 * how they came about, and to make the next version's (`node dist/test/unit/ledger/make-vectors.js DIR`).
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  cosign,
  encodeNote,
  encodeSigner,
  encodeTlogProof,
  encodeVerifierKey,
  generateSigner,
  parseNote,
  proveConsistency,
  proveInclusion,
  signCheckpoint,
} from "../../../src/ledger/index.js";
import { TiledLog } from "../../harness/tiled-log.js";
import { vectorEntries, vectorSizes, witnessedAt, type VectorKeys } from "./vectors.js";

const folder = process.argv[2];
if (folder === undefined) throw new Error("say where to");
const origin = "bastion.example/5eed0001";
const log = generateSigner(origin);
const witness = generateSigner("witness.example/w1", "cosignature");
const tree = new TiledLog(vectorEntries());
const { newest, witnessed } = vectorSizes;

await mkdir(folder);
await tree.write(join(folder, "ledger"), newest, log);
const note = signCheckpoint({ origin, size: witnessed, root: tree.root(witnessed) }, log);
const { text, signatures } = parseNote(note);
const cosigned = encodeNote({ text, signatures: [...signatures, cosign(note, witness, witnessedAt)] });
await write("ledger/checkpoint.witnessed", cosigned);
const verifiers = [log.verifier, witness.verifier].map((key) => `${encodeVerifierKey(key)}\n`);
await write("ledger/verifiers", verifiers.join(""));
const hashes = await proveInclusion(tree.read, 255, witnessed);
const extra = tree.entries[255] ?? Buffer.alloc(0);
await write("entry-255.tlog-proof", encodeTlogProof({ index: 255, hashes, checkpoint: cosigned, extra }));
const consistency = await proveConsistency(tree.read, witnessed, newest);
await write(
  "consistency.json",
  json({
    oldRoot: tree.root(witnessed).toString("hex"),
    root: tree.root(newest).toString("hex"),
    proof: consistency.map((hash) => hash.toString("hex")),
  }),
);
const keys: VectorKeys = { log: encodeSigner(log), witness: encodeSigner(witness) };
await write("keys.json", json(keys));

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

function write(name: string, content: string): Promise<void> {
  return writeFile(join(folder ?? "", name), content, { flag: "wx" });
}
