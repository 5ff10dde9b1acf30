import { setTimeout as wait } from "node:timers/promises";
import { encodeVerifierKey } from "../../ledger/index.js";
import { askByFetch } from "./ask.js";
import {
  AskedWitness,
  type AskedSettings,
  type AskingSurroundings,
  type WitnessStatus,
} from "./asked-witness.js";

type Chance = "ask" | "sleep" | "random";

export type WitnessesOptions = Omit<AskingSurroundings, Chance> & Partial<Pick<AskingSurroundings, Chance>>;

/** All witnesses of a ledger, each asked for itself: none waits for another. */
export class Witnesses {
  readonly #around: AskingSurroundings;
  #asked = new Map<string, AskedWitness>();
  #dropped: Promise<unknown> = Promise.resolve();
  #newest: string | undefined;
  #isClosed = false;

  constructor(options: WitnessesOptions) {
    this.#around = { ask: askByFetch, sleep: sleepFor, random: Math.random, ...options };
  }

  /** The witnesses from here on. One whose address and key stay goes on; a new one is asked about the newest checkpoint at once. */
  use(settings: Iterable<AskedSettings>): void {
    if (this.#isClosed) return;
    const before = this.#asked;
    this.#asked = new Map();
    for (const wanted of settings) {
      const old = before.get(wanted.name);
      if (old !== undefined && isSame(old.settings, wanted)) {
        before.delete(wanted.name);
        this.#asked.set(wanted.name, old);
        continue;
      }
      const witness = new AskedWitness(wanted, this.#around);
      this.#asked.set(wanted.name, witness);
      if (this.#newest !== undefined) witness.offer(this.#newest);
    }
    this.#dropped = Promise.all([this.#dropped, ...[...before.values()].map((witness) => witness.close())]);
  }

  /** A checkpoint was published: the log's own signed note, newer than all before. Returns at once. */
  offer(note: string): void {
    this.#newest = note;
    for (const witness of this.#asked.values()) witness.offer(note);
  }

  get status(): readonly WitnessStatus[] {
    return [...this.#asked.values()].map(({ status }) => status);
  }

  /** Asks nobody any more. Resolves when nothing runs. May be called again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#dropped, ...[...this.#asked.values()].map((witness) => witness.close())]);
  }
}

function isSame(a: AskedSettings, b: AskedSettings): boolean {
  return a.url === b.url && encodeVerifierKey(a.key) === encodeVerifierKey(b.key);
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
