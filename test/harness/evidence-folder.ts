import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { AccessEvent } from "../../src/access/index.js";
import {
  bundlePath,
  canonicalJson,
  cosign,
  emptyRoot,
  encodeBundle,
  encodeNote,
  encodeSignatureLine,
  encodeVerifierKey,
  Frontier,
  generateSigner,
  leafHash,
  parseNote,
  signCheckpoint,
  tileHash,
  tilePath,
  TILE_WIDTH,
  type NoteSignature,
  type Signer,
} from "../../src/ledger/index.js";

/** Files by their paths in a home: `ledger/…`, `recordings/…`. */
export type EvidenceFiles = Map<string, Buffer>;

/**
 * A ledger as files, made from entries without the engine: the tests' own hand, that can also do what the engine never would.
 * It is as strict as a forger needs to be, and as slow as a small ledger allows.
 */
export class LedgerForge {
  readonly entries: Buffer[] = [];
  readonly log: Signer;
  readonly witness: Signer;
  /** Of the last entry: when an honest witness signs. */
  #lastAtMs = 0;

  constructor(origin = "bastion/0a1b2c3d") {
    this.log = generateSigner(origin);
    this.witness = generateSigner("witness.example", "cosignature");
  }

  /** Adds an entry as the bastion would, and gives its number. */
  add(event: AccessEvent, atMs: number): number {
    const index = this.entries.length;
    this.#lastAtMs = atMs;
    this.entries.push(Buffer.from(canonicalJson({ at: atMs, entry: event, index })));
    return index;
  }

  root(size = this.entries.length): Buffer {
    if (size === 0) return emptyRoot;
    const frontier = Frontier.empty();
    for (const entry of this.entries.slice(0, size)) frontier.append(leafHash(entry));
    return frontier.root();
  }

  /** A checkpoint that the log signed. */
  checkpoint(size = this.entries.length): string {
    const { name: origin } = this.log.verifier;
    return signCheckpoint({ origin, size, root: this.root(size) }, this.log);
  }

  /** The same with the witness' word. */
  witnessed(size = this.entries.length, atMs = this.#lastAtMs): string {
    const note = this.checkpoint(size);
    const { text, signatures } = parseNote(note);
    return encodeNote({ text, signatures: [...signatures, this.#cosign(size, atMs)] });
  }

  /** The witness' line alone, as an entry has it. */
  cosignature(size = this.entries.length, atMs = this.#lastAtMs): string {
    return encodeSignatureLine(this.#cosign(size, atMs));
  }

  #cosign(size: number, atMs: number): NoteSignature {
    return cosign(this.checkpoint(size), this.witness, Math.floor(atMs / 1000));
  }

  /** Every file below `ledger/` but those of policies; partial tiles also of the older `sizes`. */
  files(witnessedSize?: number, sizes: readonly number[] = []): EvidenceFiles {
    const files: EvidenceFiles = new Map();
    for (const size of [...sizes, this.entries.length]) this.#tiles(files, size);
    const keys = [this.log.verifier, ...(witnessedSize === undefined ? [] : [this.witness.verifier])];
    files.set("ledger/verifiers", Buffer.from(keys.map((key) => `${encodeVerifierKey(key)}\n`).join("")));
    const isNewest = witnessedSize === this.entries.length;
    files.set("ledger/checkpoint", Buffer.from(isNewest ? this.witnessed() : this.checkpoint()));
    if (witnessedSize !== undefined)
      files.set("ledger/checkpoint.witnessed", Buffer.from(this.witnessed(witnessedSize)));
    return files;
  }

  #tiles(files: EvidenceFiles, size: number): void {
    const entries = this.entries.slice(0, size);
    for (const { index, part } of parts(entries))
      files.set(`ledger/${bundlePath({ index, width: part.length })}`, encodeBundle(part));
    let hashes = entries.map((entry) => leafHash(entry));
    for (let level = 0; hashes.length > 0; level += 1) {
      const above: Buffer[] = [];
      for (const { index, part } of parts(hashes)) {
        const bytes = Buffer.concat(part);
        files.set(`ledger/${tilePath({ level, index, width: part.length })}`, bytes);
        if (part.length === TILE_WIDTH) above.push(tileHash(bytes));
      }
      hashes = above;
    }
  }
}

/** The files of a real home. */
export function filesBelow(home: string): EvidenceFiles {
  const files: EvidenceFiles = new Map();
  for (const folder of ["ledger", "recordings"])
    for (const entry of readdirSync(join(home, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files.set(relative(home, path), readFileSync(path));
    }
  return files;
}

function parts(all: readonly Buffer[]): { readonly index: number; readonly part: readonly Buffer[] }[] {
  return Array.from({ length: Math.ceil(all.length / TILE_WIDTH) }, (_, index) => ({
    index,
    part: all.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH),
  }));
}
