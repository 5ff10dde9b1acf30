import type { State } from "./state.js";

/** Items of one piece: some 100 kB of JSON, a millisecond or two of work. */
const PIECE_ITEMS_MAX = 128;

/**
 * A part of a state as JSON can hold it. Each field has one or more: a value (left out if it is undefined), some members of
 * a map, some of a set, or some of the set that a map of sets has under `of`. They come in the state's own order.
 */
export type StatePiece =
  | { readonly field: string; readonly value?: unknown }
  | { readonly field: string; readonly map: readonly (readonly [unknown, unknown])[] }
  | { readonly field: string; readonly set: readonly unknown[]; readonly of?: unknown };

/** A state, cut up. */
export interface StatePieces {
  /** How many members its maps and sets have together. */
  readonly items: number;
  readonly pieces: Iterable<StatePiece>;
}

/** Members of one map or set, copied. */
interface Members {
  readonly count: number;
  /** Those from `from` up to, not including, `to`. */
  readonly piece: (from: number, to: number) => StatePiece;
}

/**
 * Cuts a state up, as it is at this call, in which all lists are copied (some 40 ms for a million members): what `fold` makes of
 * the state while the pieces are taken is not in them. Knows no field by name, so that none can be forgotten.
 */
export function statePieces(state: State): StatePieces {
  const fields = Object.entries(state).map(([field, held]: [string, unknown]) => membersOf(field, held));
  const items = fields.flat().reduce((sum, { count }) => sum + count, 0);
  return { items, pieces: cut(fields.flat()) };
}

function membersOf(field: string, held: unknown): readonly Members[] {
  if (held instanceof Map) return membersOfMap(field, held);
  if (held instanceof Set) return [listed([...(held as Set<unknown>)], (set) => ({ field, set }))];
  const piece: StatePiece = held === undefined ? { field } : { field, value: held };
  return [{ count: 0, piece: () => piece }];
}

function membersOfMap(field: string, held: Map<unknown, unknown>): readonly Members[] {
  const [keys, values] = [[...held.keys()], [...held.values()]];
  if (values[0] instanceof Set)
    return keys.map((of, at) => listed([...(values[at] as Set<unknown>)], (set) => ({ field, of, set })));
  const piece = (from: number, to: number): StatePiece => ({
    field,
    map: keys.slice(from, to).map((key, at) => [key, values[from + at]] as const),
  });
  return [{ count: keys.length, piece }];
}

function listed(all: readonly unknown[], piece: (some: readonly unknown[]) => StatePiece): Members {
  return { count: all.length, piece: (from, to) => piece(all.slice(from, to)) };
}

/** An empty map or set is a piece as well: a field that has none was forgotten. */
function* cut(fields: readonly Members[]): Generator<StatePiece, void, undefined> {
  for (const { count, piece } of fields)
    for (let from = 0; from === 0 || from < count; from += PIECE_ITEMS_MAX)
      yield piece(from, Math.min(count, from + PIECE_ITEMS_MAX));
}
