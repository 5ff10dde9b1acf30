import { AccessError } from "./access-error.js";
import { asRecord } from "./decode.js";
import { emptyState } from "./fold.js";
import type { State } from "./state.js";

/**
 * Makes a state of the pieces that `statePieces` cut another one into, read again from JSON. It looks at their form, so that a
 * field is neither missing nor unknown; what the members of maps and sets are is the word of whoever vouches for the pieces.
 */
export class StateBuilder {
  readonly #fields: Record<string, unknown> = { ...emptyState() };
  readonly #missing = new Set(Object.keys(this.#fields));

  /** Adds the next piece. Throws AccessError. */
  add(source: unknown): void {
    const piece = asRecord(source, "piece");
    const { field } = piece;
    if (typeof field !== "string" || !Object.hasOwn(this.#fields, field))
      throw new AccessError("unknown-field", "piece.field", "not a field of the state");
    this.#missing.delete(field);
    const held = this.#fields[field];
    if (held instanceof Map && Object.hasOwn(piece, "of"))
      addAll(setOf(held as Map<unknown, Set<unknown>>, piece["of"]), listOf(piece["set"], field));
    else if (held instanceof Map) setAll(held as Map<unknown, unknown>, listOf(piece["map"], field));
    else if (held instanceof Set) addAll(held as Set<unknown>, listOf(piece["set"], field));
    else this.#fields[field] = piece["value"];
  }

  /** The state, when all pieces were added. Throws AccessError `missing-field` if they were not. */
  finish(): State {
    const [missing] = this.#missing;
    if (missing !== undefined) throw new AccessError("missing-field", `state.${missing}`, "no piece has it");
    return this.#fields as unknown as State;
  }
}

function setOf(sets: Map<unknown, Set<unknown>>, key: unknown): Set<unknown> {
  const own = sets.get(key) ?? new Set();
  sets.set(key, own);
  return own;
}

function setAll(map: Map<unknown, unknown>, members: readonly unknown[]): void {
  for (const member of members) {
    const [key, value, ...more] = listOf(member, "member");
    if (value === undefined || more.length > 0)
      throw new AccessError("wrong-type", "piece.map", "a member that is no key and value");
    map.set(key, value);
  }
}

function addAll(set: Set<unknown>, members: readonly unknown[]): void {
  for (const member of members) set.add(member);
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new AccessError("wrong-type", `piece.${path}`, "not a list");
}
