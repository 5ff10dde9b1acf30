import {
  cosign,
  emptyRoot,
  encodeNote,
  encodeSignatureLine,
  isSignedAs,
  LedgerError,
  openNote,
  parseNote,
  parseTreeHead,
  verifyConsistency,
  type Checkpoint,
  type Note,
  type Signer,
  type VerifierKey,
} from "../../ledger/index.js";
import type { Submission } from "../submission.js";
import { WitnessError } from "../witness-error.js";
import type { Cosigned } from "./cosigned.js";
import type { WitnessState } from "./witness-state.js";

/** Why a checkpoint is not cosigned; each has its status in C2SP tlog-witness. */
export type Unwitnessed =
  | "checkpoint-invalid" // 400: no signed note, or no checkpoint
  | "log-unknown" // 404
  | "signature-unknown" // 403: by no key that this witness trusts for that log
  | "old-size-beyond" // 400: larger than the checkpoint
  | "old-size-stale" // 409: not what was cosigned last
  | "root-differs" // 409: two trees of one size
  | "proof-invalid"; // 422

export type WitnessAnswer =
  | {
      readonly ok: true;
      /** One signature line with its newline. */ readonly line: string;
      readonly head: Checkpoint;
    }
  | {
      readonly ok: false;
      readonly reason: Unwitnessed;
      /** From here on the log's signature was verified. */
      readonly signed?: {
        readonly head: Checkpoint;
        readonly note: string;
        /** What was cosigned last. */ readonly size: number;
      };
    };

export interface WitnessOptions {
  readonly signer: Signer;
  /** The keys of each log, by its origin. */
  readonly logs: ReadonlyMap<string, readonly VerifierKey[]>;
  readonly state: WitnessState;
  readonly nowMs: () => number;
}

/**
 * A witness (C2SP tlog-witness): cosigns each checkpoint that a log it knows has signed and that contains the one it
 * cosigned before. Never two roots of one size, never a smaller size; what it signs was on the disk first.
 */
export class Witness {
  readonly #options: WitnessOptions;
  /** The turn that is the last one in each log's queue. */
  readonly #turns = new Map<string, Promise<unknown>>();

  /** Throws WitnessError `state-untrusted`, and TypeError for a signer that is no witness'. */
  constructor(options: WitnessOptions) {
    if (options.signer.verifier.type !== "cosignature") throw new TypeError("not a key for cosignatures");
    for (const { head, note } of options.state.all) checkOwn(note, head, options.logs.get(head.origin));
    this.#options = options;
  }

  /** Answers one add-checkpoint. Rejects with WitnessError `state-failed`: whether it was kept is not known, and it is not signed. */
  async addCheckpoint({ oldSize, proof, note: source }: Submission): Promise<WitnessAnswer> {
    const read = readCheckpoint(source);
    if (read === undefined) return { ok: false, reason: "checkpoint-invalid" };
    const { note, head } = read;
    const keys = this.#options.logs.get(head.origin);
    if (keys === undefined) return { ok: false, reason: "log-unknown" };
    const own = signaturesOf(note, source, keys);
    if (own === undefined) return { ok: false, reason: "signature-unknown" };
    if (oldSize > head.size) return { ok: false, reason: "old-size-beyond" };
    const kept = { note: encodeNote({ text: note.text, signatures: own }), head };
    return this.#inTurn(head.origin, () => this.#judge(kept, oldSize, proof));
  }

  /** Nothing happens to one log between the look at what was cosigned and the new record of it. */
  #inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(origin) ?? Promise.resolve()).then(work);
    this.#turns.set(
      origin,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async #judge(kept: Cosigned, oldSize: number, proof: readonly Buffer[]): Promise<WitnessAnswer> {
    const { state, signer, nowMs } = this.#options;
    const { head, note } = kept;
    state.check();
    const last = state.get(head.origin)?.head ?? { size: 0, root: emptyRoot };
    const refused = (reason: Unwitnessed): WitnessAnswer => ({
      ok: false,
      reason,
      signed: { head, note, size: last.size },
    });
    if (oldSize !== last.size) return refused("old-size-stale");
    if (head.size === last.size && !head.root.equals(last.root)) return refused("root-differs");
    if (!isConsistent({ oldSize, oldRoot: last.root, size: head.size, root: head.root, proof }))
      return refused("proof-invalid");
    if (state.get(head.origin) === undefined || head.size > last.size) await state.put(kept);
    const line = encodeSignatureLine(cosign(note, signer, Math.floor(nowMs() / 1000)));
    return { ok: true, line: `${line}\n`, head };
  }
}

function readCheckpoint(source: string): { readonly note: Note; readonly head: Checkpoint } | undefined {
  try {
    const note = parseNote(source);
    return { note, head: parseTreeHead(note.text) };
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/** The log's own signatures, verified, one of each key; undefined when there is none, or one that names a known key does not verify. */
function signaturesOf(
  note: Note,
  source: string,
  keys: readonly VerifierKey[],
): Note["signatures"] | undefined {
  const signers = keys.filter((key) => note.signatures.some((line) => isSignedAs(line, key)));
  try {
    for (const key of signers) openNote(source, key);
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
  if (signers.length === 0) return undefined;
  return signers.flatMap((key) => note.signatures.find((line) => isSignedAs(line, key)) ?? []);
}

function isConsistent(claim: Parameters<typeof verifyConsistency>[0]): boolean {
  try {
    verifyConsistency(claim);
    return true;
  } catch (error) {
    if (error instanceof LedgerError && error.code === "proof-invalid") return false;
    throw error;
  }
}

/** What the state has of a log must be signed by a key that is trusted for it now. A log that is no longer asked for is let be. */
function checkOwn(source: string, { origin }: Checkpoint, keys: readonly VerifierKey[] | undefined): void {
  if (keys === undefined || signaturesOf(parseNote(source), source, keys) !== undefined) return;
  const message = `what the state has of ${origin} was signed by another key than the one that was given for it`;
  throw new WitnessError("state-untrusted", message);
}
