import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeNote,
  encodeSigner,
  encodeVerifierKey,
  generateSigner,
  openCheckpoint,
  parseNote,
  proveConsistency,
  proveInclusion,
  signCheckpoint,
  signNote,
} from "../../src/ledger/index.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { TiledLog } from "../harness/tiled-log.js";
import { requireTool } from "../harness/tools.js";

const origin = "bastion.example/5eed0001";
const signer = generateSigner(origin);
const key = encodeVerifierKey(signer.verifier);
const log = TiledLog.of(65_537);

interface Job {
  readonly inclusion?: readonly { readonly index: number; readonly proof: readonly string[] }[];
  readonly consistency?: readonly {
    readonly size: number;
    readonly root: string;
    readonly proof: readonly string[];
  }[];
}

/** What Go says of the ledger in a folder. */
function judge(folder: string, job: Job = {}, verifier = key): Promise<ProgramResult> {
  return runProgram(requireTool("ledger-check"), [], {
    input: JSON.stringify({ folder, key: verifier, ...job }),
  });
}

/** Proofs of the first, middle and last entries, and from sizes on both sides of every edge. */
async function proofs(size: number): Promise<Required<Job>> {
  const sizes = [1, 2, 255, 256, 257, 300, 65_535, 65_536, size].filter((old) => old <= size);
  const indexes = [0, 1, 254, 255, 256, size >> 1, size - 1].filter((index) => index < size);
  const text = (hashes: readonly Buffer[]): string[] => hashes.map((hash) => hash.toString("base64"));
  return {
    inclusion: await Promise.all(
      indexes.map(async (index) => ({ index, proof: text(await proveInclusion(log.read, index, size)) })),
    ),
    consistency: await Promise.all(
      sizes.map(async (old) => ({
        size: old,
        root: log.root(old).toString("base64"),
        proof: text(await proveConsistency(log.read, old, size)),
      })),
    ),
  };
}

async function ledgerOf(size: number): Promise<string> {
  const folder = temporaryFolder();
  await log.write(folder, size, signer);
  return folder;
}

function refusedAt(step: string, { status, stderr }: ProgramResult): void {
  assert.match(stderr, new RegExp(`^${step}: `, "u"));
  assert.equal(status, 1);
}

/** Flips the lowest bit of one byte of a file. */
function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(path, bytes);
}

describe("interop/ledger, Go's sumdb/note and sumdb/tlog", () => {
  for (const size of [1, 2, 255, 256, 257, 65_537]) {
    it(`accept checkpoint, tiles, bundles and proofs at size ${size}`, async () => {
      const job = await proofs(size);
      const { status, stdout, stderr } = await judge(await ledgerOf(size), job);
      assert.equal(stderr, "");
      assert.equal(status, 0);
      assert.deepEqual(JSON.parse(stdout.toString()), {
        Size: size,
        Entries: size,
        Inclusion: job.inclusion.length,
        Consistency: job.consistency.length,
      });
    });
  }

  it("accept a note that others signed as well, and sign what we accept", async () => {
    const folder = await ledgerOf(2);
    const path = join(folder, "checkpoint");
    const { text, signatures } = parseNote(readFileSync(path));
    const other = signNote(text, generateSigner("other.example"));
    writeFileSync(path, encodeNote({ text, signatures: [other, ...signatures] }));
    assert.equal((await judge(folder)).status, 0);

    const input = JSON.stringify({ sign: encodeSigner(signer), text });
    const { stdout } = await runProgram(requireTool("ledger-check"), [], { input });
    assert.deepEqual(openCheckpoint(stdout, signer.verifier), { origin, size: 2, root: log.root(2) });
    assert.equal(stdout.toString(), signCheckpoint({ origin, size: 2, root: log.root(2) }, signer));
  });

  const altered: readonly [name: string, step: string, alter: (folder: string) => void][] = [
    ["a-flipped-root", "note", (folder) => flip(join(folder, "checkpoint"), origin.length + 6)],
    ["a-flipped-hash", "tree", (folder) => flip(join(folder, "tile/0/001.p/1"), 7)],
    ["a-flipped-leaf-of-a-full-tile", "tile", (folder) => flip(join(folder, "tile/0/000"), 4000)],
    ["a-flipped-entry", "entry", (folder) => flip(join(folder, "tile/entries/000"), 2)],
    ["a-flipped-length", "entry", (folder) => flip(join(folder, "tile/entries/001.p/1"), 1)],
    ["a-missing-tile", "tree", (folder) => rmSync(join(folder, "tile/1/000.p/1"))],
    ["a-missing-bundle", "entry", (folder) => rmSync(join(folder, "tile/entries/000"))],
  ];
  for (const [name, step, alter] of altered) {
    it(`reject ${name}`, async () => {
      const folder = await ledgerOf(257);
      alter(folder);
      refusedAt(step, await judge(folder));
    });
  }

  it("reject another key of the same name, and altered proofs", async () => {
    const folder = await ledgerOf(257);
    refusedAt("note", await judge(folder, {}, encodeVerifierKey(generateSigner(origin).verifier)));
    const { inclusion, consistency } = await proofs(257);
    const moved = inclusion.map(({ index, proof }) => ({ index, proof: [...proof].reverse() }));
    refusedAt("inclusion", await judge(folder, { inclusion: moved }));
    const wrong = consistency.map(({ size, proof }) => ({
      size,
      proof,
      root: log.root(3).toString("base64"),
    }));
    refusedAt("consistency", await judge(folder, { consistency: wrong }));
  });
});
