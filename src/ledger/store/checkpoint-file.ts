import { LedgerError } from "../ledger-error.js";
import { openCheckpoint, parseCheckpoint, signCheckpoint, type Checkpoint } from "../note/checkpoint.js";
import { encodeNote, parseNote, type NoteSignature } from "../note/note.js";
import type { Signer } from "../note/signer.js";
import { encodeVerifierKey, type VerifierKey } from "../note/verifier-key.js";
import type { DurableFiles, FileToWrite } from "./durable-files.js";

const CHECKPOINT = "checkpoint";
const WITNESSED = "checkpoint.witnessed";
const VERIFIERS = "verifiers";

/** For how many checkpoints cosignatures are still taken: a witness may need two minutes for its answer. */
const RECENT_MAX = 128;

/** A signed note and what it says. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: string;
}

/**
 * The files in which a log says what it is: its newest checkpoint, the newest that witnesses have signed, and the keys
 * that verify both. Never signs for a smaller size than before, nor another root for the same size. One call at a time.
 */
export class CheckpointFiles {
  readonly #files: DurableFiles;
  readonly #signer: Signer;
  /** Notes by their texts, the newest last. */
  readonly #recent = new Map<string, string>();
  #current: SignedCheckpoint;
  #witnessed: SignedCheckpoint | undefined;

  private constructor(
    files: DurableFiles,
    signer: Signer,
    current: SignedCheckpoint,
    witnessed: SignedCheckpoint | undefined,
  ) {
    this.#files = files;
    this.#signer = signer;
    this.#current = current;
    this.#witnessed = witnessed;
    this.#remember(current.note);
  }

  /** What is on the disk; undefined when there is no newest checkpoint. Throws LedgerError `checkpoint-missing`. */
  static async open(files: DurableFiles, signer: Signer): Promise<CheckpointFiles | undefined> {
    const current = await readSigned(files, CHECKPOINT, signer.verifier);
    const witnessed = await readSigned(files, WITNESSED, signer.verifier);
    if (current === undefined) {
      if (witnessed === undefined) return undefined;
      throw new LedgerError(
        "checkpoint-missing",
        "witnesses have signed a checkpoint, and there is none newer",
      );
    }
    if (witnessed !== undefined && witnessed.size > current.size)
      throw new LedgerError(
        "root-mismatch",
        `witnesses have signed for ${witnessed.size} entries, the newest checkpoint is of ${current.size}`,
      );
    return new CheckpointFiles(files, signer, current, witnessed);
  }

  /** Signs a first checkpoint, over no entry: from now on there has always been one. Rejects with the disk's error. */
  static async create(files: DurableFiles, signer: Signer, emptyRoot: Buffer): Promise<CheckpointFiles> {
    const first = signed({ origin: signer.verifier.name, size: 0, root: emptyRoot }, signer);
    await files.write([{ path: CHECKPOINT, bytes: Buffer.from(first.note) }]);
    return new CheckpointFiles(files, signer, first, undefined);
  }

  get current(): SignedCheckpoint {
    return this.#current;
  }

  get witnessed(): SignedCheckpoint | undefined {
    return this.#witnessed;
  }

  /** Signs and publishes. Throws LedgerError `root-mismatch` for what must not be signed; rejects with the disk's error. */
  async publish(size: number, root: Buffer): Promise<void> {
    const before = this.#current;
    if (size < before.size || (size === before.size && !root.equals(before.root)))
      throw new LedgerError(
        "root-mismatch",
        `a checkpoint of ${before.size} entries cannot be followed by this one`,
      );
    if (size === before.size) return;
    const next = signed({ origin: before.origin, size, root }, this.#signer);
    await this.#files.write([{ path: CHECKPOINT, bytes: Buffer.from(next.note) }]);
    this.#current = next;
    this.#remember(next.note);
  }

  /**
   * Adds signatures, which the caller has verified, to a checkpoint of this log; one by the same key is replaced. False when
   * that checkpoint is too old, or older than one that is witnessed. Throws LedgerError `note-invalid` for too many.
   */
  async cosign(text: string, signatures: readonly NoteSignature[]): Promise<boolean> {
    const known = this.#recent.get(text);
    const { size, root, origin } = parseCheckpoint(text);
    if (known === undefined || size < (this.#witnessed?.size ?? 0)) return false;
    const note = withSignatures(known, signatures);
    const bytes = Buffer.from(note);
    const isCurrent = size === this.#current.size;
    const files: FileToWrite[] = [{ path: WITNESSED, bytes }];
    if (isCurrent) files.push({ path: CHECKPOINT, bytes });
    await this.#files.write(files);
    this.#recent.set(text, note);
    this.#witnessed = { origin, size, root, note };
    if (isCurrent) this.#current = this.#witnessed;
    return true;
  }

  /** Notes a key by which evidence of this log is verified. Throws LedgerError `note-invalid` when the file begins with another log's. */
  async addVerifier(key: VerifierKey): Promise<void> {
    const own = encodeVerifierKey(this.#signer.verifier);
    const text = (await this.#files.read(VERIFIERS))?.toString() ?? `${own}\n`;
    const [first, ...others] = text.replace(/\n$/u, "").split("\n");
    if (first !== own)
      throw new LedgerError("note-invalid", "verifiers does not begin with this ledger's key");
    const lines = [...new Set([own, ...others, encodeVerifierKey(key)])];
    const next = Buffer.from(`${lines.join("\n")}\n`);
    if ((await this.#files.read(VERIFIERS))?.equals(next) === true) return;
    await this.#files.write([{ path: VERIFIERS, bytes: next }]);
  }

  /** Makes sure of the file of keys. Throws as `addVerifier` does. */
  prepareVerifiers(): Promise<void> {
    return this.addVerifier(this.#signer.verifier);
  }

  #remember(note: string): void {
    this.#recent.set(parseNote(note).text, note);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > RECENT_MAX && oldest !== undefined) this.#recent.delete(oldest);
  }
}

function signed(checkpoint: Checkpoint, signer: Signer): SignedCheckpoint {
  return { ...checkpoint, note: signCheckpoint(checkpoint, signer) };
}

/** Whatever is wrong with it, there is no checkpoint to hold a journal against. */
async function readSigned(
  files: DurableFiles,
  path: string,
  key: VerifierKey,
): Promise<SignedCheckpoint | undefined> {
  const bytes = await files.read(path);
  if (bytes === undefined) return undefined;
  try {
    return { ...openCheckpoint(bytes, key), note: bytes.toString() };
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    throw new LedgerError(
      "checkpoint-missing",
      `${path} is not a checkpoint of this ledger: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

function withSignatures(note: string, added: readonly NoteSignature[]): string {
  const { text, signatures } = parseNote(note);
  const isReplaced = ({ name, keyId }: NoteSignature): boolean =>
    added.some((other) => other.name === name && other.keyId.equals(keyId));
  return encodeNote({ text, signatures: [...signatures.filter((line) => !isReplaced(line)), ...added] });
}
