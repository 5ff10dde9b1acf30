import { parseNote, parseTreeHead, type NoteSignature, type VerifierKey } from "../../ledger/index.js";
import { encodeSubmission } from "../submission.js";
import type { Ask } from "./ask.js";
import { askAgainAfterMs } from "./pace.js";
import { verdictOf, type RefusalCode, type Verdict } from "./verdict.js";

/** How a witness is doing, as far as this process knows. `not-asked`: there was no checkpoint since it is there. */
export type WitnessCondition = "not-asked" | "cosigns" | "away" | "slow" | RefusalCode;

/** What the operator may know of a witness. Of its address only the host. */
export interface WitnessStatus {
  readonly name: string;
  readonly host: string;
  /** The name of its key, which stands in its cosignatures. */
  readonly keyName: string;
  readonly condition: WitnessCondition;
  readonly sinceMs: number;
  /** What is wrong, in words that are safe to show. */
  readonly detail?: string;
  readonly failuresInRow: number;
  /** The last cosignature that was kept, since the start; its time is the witness' own. */
  readonly cosigned?: { readonly size: number; readonly atMs: number };
}

/** A cosignature that was verified: of the newest checkpoint, by that key, of this time. */
export interface Cosigning {
  readonly witness: string;
  readonly key: VerifierKey;
  readonly text: string;
  readonly size: number;
  readonly signature: NoteSignature;
}

export interface Refusing {
  readonly witness: string;
  readonly key: VerifierKey;
  readonly code: RefusalCode;
  /** Of the checkpoint that it was shown. */
  readonly size: number;
  /** With `time-wrong`: its cosignature, which was verified. */
  readonly signature?: NoteSignature;
}

/** What asking takes from outside. */
export interface AskingSurroundings {
  readonly ask: Ask;
  readonly nowMs: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** That the tree of `oldSize` entries is the beginning of that of `size`, for a `size` that was published. */
  readonly prove: (oldSize: number, size: number) => Promise<readonly Buffer[]>;
  /** Keeps a cosignature. */
  readonly onCosigned: (cosigning: Cosigning) => Promise<void>;
  /** Told when it refuses for another reason than the last time it was asked, and each time that it has another clock. */
  readonly onRefused: (refusing: Refusing) => void;
  readonly log: AskingLog;
}

export interface AskingLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface AskedSettings {
  readonly name: string;
  /** Submission prefix. */
  readonly url: string;
  readonly key: VerifierKey;
}

/** Its own size, then a proof from there; once more if somebody else asked it meanwhile. */
const ROUNDS_MAX = 3;

/** Asks one witness to cosign the newest checkpoint, one request at a time; what is older than the newest is never asked for. */
export class AskedWitness {
  readonly settings: AskedSettings;
  readonly #around: AskingSurroundings;
  readonly #closing = new AbortController();
  /** The newest checkpoint that it was not asked about. */
  #next: string | undefined;
  #running: Promise<void> | undefined;
  /** Size of the tree that it cosigned last, so far as we know. */
  #lastSize = 0;
  #failuresInRow = 0;
  #condition: { readonly is: WitnessCondition; readonly sinceMs: number; readonly detail?: string };
  #cosigned: { readonly size: number; readonly atMs: number } | undefined;

  constructor(settings: AskedSettings, around: AskingSurroundings) {
    this.settings = settings;
    this.#around = around;
    this.#condition = { is: "not-asked", sinceMs: around.nowMs() };
  }

  get status(): WitnessStatus {
    const { is, sinceMs, detail } = this.#condition;
    return {
      ...{ name: this.settings.name, host: new URL(this.settings.url).host, keyName: this.settings.key.name },
      ...{ condition: is, sinceMs, failuresInRow: this.#failuresInRow },
      ...(detail !== undefined && { detail }),
      ...(this.#cosigned !== undefined && { cosigned: this.#cosigned }),
    };
  }

  /** Takes the newest checkpoint; returns at once. */
  offer(note: string): void {
    if (this.#closing.signal.aborted) return;
    this.#next = note;
    this.#running ??= this.#run();
  }

  /** Ends a request under way. Resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#next = undefined;
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    await new Promise<void>((turn) => setImmediate(turn)); // nothing is sent before the caller's turn is over
    for (let note = this.#next; note !== undefined; note = this.#next) {
      this.#next = undefined;
      const verdict = await this.#askFor(note).catch((error: unknown) => this.#unforeseen(error));
      if (this.#closing.signal.aborted) break;
      await this.#settle(note, verdict);
    }
    this.#running = undefined;
  }

  /** What a failed attempt was about waits for its turn again, unless there is something newer. */
  async #settle(note: string, verdict: Verdict): Promise<void> {
    if (verdict.kind === "cosigned") {
      await this.#keep(note, verdict);
      return;
    }
    this.#noteFailure(note, verdict);
    await this.#around.sleep(
      askAgainAfterMs(this.#failuresInRow, this.#around.random()),
      this.#closing.signal,
    );
    if (!this.#closing.signal.aborted) this.#next ??= note;
  }

  async #askFor(note: string): Promise<Verdict> {
    const { ask, prove, nowMs } = this.#around;
    const { url, key } = this.settings;
    const { size } = parseTreeHead(parseNote(note).text);
    let oldSize = this.#lastSize > size ? 0 : this.#lastSize;
    for (let round = 1; ; round += 1) {
      const submission = { oldSize, proof: await prove(oldSize, size), note };
      const asked = await ask(`${url}/add-checkpoint`, encodeSubmission(submission), this.#closing.signal);
      const verdict = verdictOf(submission, asked, key, nowMs());
      if (verdict.kind !== "last-size") return verdict;
      if (round === ROUNDS_MAX)
        return { kind: "refused", code: "answer-invalid", detail: "it keeps naming other sizes" };
      oldSize = this.#lastSize = verdict.size;
    }
  }

  /** No proof could be made. With luck it is only that the checkpoint is old by now. */
  #unforeseen(error: unknown): Verdict {
    const { name: witness } = this.settings;
    this.#around.log.error({ witness, error: String(error) }, "witness not asked");
    return { kind: "away", detail: "it could not be asked; the log says why" };
  }

  async #keep(note: string, { signature, atMs }: Extract<Verdict, { kind: "cosigned" }>): Promise<void> {
    const { log, onCosigned } = this.#around;
    const { name: witness, key } = this.settings;
    const { text } = parseNote(note);
    const { size } = parseTreeHead(text);
    this.#lastSize = size;
    if (this.#condition.is !== "cosigns")
      log.info({ witness, size, failures: this.#failuresInRow }, "witness cosigns");
    this.#failuresInRow = 0;
    this.#become("cosigns");
    this.#cosigned = { size, atMs };
    await onCosigned({ witness, key, text, size, signature }).catch((error: unknown) =>
      log.error({ witness, size, error: String(error) }, "cosignature not kept"),
    );
  }

  /** Said when it begins or changes, not at each attempt: `doctor` has the rest. */
  #noteFailure(note: string, verdict: Exclude<Verdict, { kind: "cosigned" }>): void {
    this.#failuresInRow += 1;
    if (verdict.kind === "last-size") return; // never comes out of asking
    const { log, onRefused } = this.#around;
    const { name: witness } = this.settings;
    const { size } = parseTreeHead(parseNote(note).text);
    const is = verdict.kind === "refused" ? verdict.code : verdict.kind;
    const isNew = this.#condition.is !== is;
    this.#become(is, verdict.detail);
    if (verdict.kind === "refused" && (isNew || verdict.signature !== undefined)) {
      const { code, signature } = verdict;
      const { key } = this.settings;
      onRefused({ witness, key, code, size, ...(signature !== undefined && { signature }) });
    }
    if (!isNew) return;
    const fields = {
      witness,
      size,
      detail: verdict.detail,
      ...(verdict.kind === "refused" && { code: verdict.code }),
    };
    if (verdict.kind === "refused") log.error(fields, "witness refuses");
    else log.warn(fields, "witness does not answer");
  }

  #become(is: WitnessCondition, detail?: string): void {
    const sinceMs = this.#condition.is === is ? this.#condition.sinceMs : this.#around.nowMs();
    this.#condition = { is, sinceMs, ...(detail !== undefined && { detail }) };
  }
}
