import type { EventOf, RefusedWords } from "../../access/index.js";
import type { DecisionContext } from "../decision-context.js";
import type { SaltsCondition } from "./salts.js";

/** A refusal, with what was asked for while that is still known. */
export interface ToldDenial {
  /** Number of the ledger's entry. */
  readonly entry: number;
  readonly atMs: number;
  readonly denied: EventOf<"session.denied">;
  readonly words: RefusedWords | undefined;
}

export type ForgetAnswer = "forgotten" | "not-a-denial" | "not-known";

/** Entries that are looked through at a time. */
const STRETCH = 1000;

/** Reads refusals out of the ledger, and forgets what was asked for. */
export class DenialDesk {
  readonly #context: Pick<DecisionContext, "keeper" | "salts">;

  constructor(context: Pick<DecisionContext, "keeper" | "salts">) {
    this.#context = context;
  }

  /** How the keeping of what was asked for is doing. */
  get keeping(): SaltsCondition {
    return this.#context.salts.condition;
  }

  /** The newest, oldest first: `countMax` of them at most. */
  async newest(countMax: number): Promise<readonly ToldDenial[]> {
    const { keeper } = this.#context;
    let found: Omit<ToldDenial, "words">[] = [];
    for (let end = keeper.size; end > 0 && found.length < countMax; end -= STRETCH)
      found = [...(await this.#between(Math.max(0, end - STRETCH), end)), ...found];
    return this.#withWords(found.slice(-countMax));
  }

  /** Writes down that the words of a refusal are forgotten, then forgets them. */
  async forget(entry: number, by: string, reason: string): Promise<ForgetAnswer> {
    const { keeper, salts } = this.#context;
    const [told] = await this.#withWords(await this.#between(entry, entry + 1));
    if (told === undefined) return "not-a-denial";
    if (told.words === undefined) return "not-known";
    await keeper.record({ type: "denial.forgotten", entry, by, reason });
    await salts.forget(told.denied.words);
    return "forgotten";
  }

  async #between(from: number, to: number): Promise<readonly Omit<ToldDenial, "words">[]> {
    const found: Omit<ToldDenial, "words">[] = [];
    for await (const { index, atMs, entry } of this.#context.keeper.read(from)) {
      if (index >= to) break;
      if (entry.type === "session.denied") found.push({ entry: index, atMs, denied: entry });
    }
    return found;
  }

  async #withWords(found: readonly Omit<ToldDenial, "words">[]): Promise<readonly ToldDenial[]> {
    const known = await this.#context.salts.find(new Set(found.map(({ denied }) => denied.words)));
    return found.map((one) => ({ ...one, words: known.get(one.denied.words) }));
  }
}
