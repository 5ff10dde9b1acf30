import { median } from "./statistics.js";

/** What a row must keep: a ratio, what we may add to the reference, or a figure of ours alone. */
export type Budget =
  { readonly ratioMin: number } | { readonly addedMax: number } | { readonly oursMax: number };

/** One line of a benchmark's result, with the keys that `--json` prints. */
export interface Row {
  readonly row: string;
  /** In `unit`, as is `reference`. */
  readonly ours: number;
  /** Of OpenSSH's own jump, or the budget where OpenSSH has no such thing. */
  readonly reference: number;
  readonly unit: string;
  /** Above 1 always means that we are better. */
  readonly ratio: number;
  readonly budget?: Budget;
  /** Measurements behind `ours`; `min` and `max` are theirs. */
  readonly runs: number;
  readonly min: number;
  readonly max: number;
}

export interface Measured {
  readonly row: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly ours: readonly number[];
  readonly reference: readonly number[];
  readonly budget?: Budget;
  /** What stands for many measurements; the median when left out. */
  readonly of?: (values: readonly number[]) => number;
}

/** Draws a row from what was measured. */
export function rowOf({ row, unit, better, budget, of = median, ...values }: Measured): Row {
  const [ours, reference] = [of(values.ours), of(values.reference)];
  return {
    ...{ row, ours, reference, unit, ratio: better === "more" ? ours / reference : reference / ours },
    ...(budget !== undefined && { budget }),
    ...{ runs: values.ours.length, min: Math.min(...values.ours), max: Math.max(...values.ours) },
  };
}

/** Whether the row keeps its budget; undefined when it has none. */
export function keepsBudget({ ours, reference, ratio, budget }: Row): boolean | undefined {
  if (budget === undefined) return undefined;
  if ("ratioMin" in budget) return ratio >= budget.ratioMin;
  if ("addedMax" in budget) return ours - reference <= budget.addedMax;
  return ours <= budget.oursMax;
}

export function budgetText({ unit, budget }: Row): string {
  if (budget === undefined) return "";
  if ("ratioMin" in budget) return `ratio ≥ ${budget.ratioMin}`;
  if ("addedMax" in budget) return `added ≤ ${budget.addedMax} ${unit}`;
  return `≤ ${budget.oursMax} ${unit}`;
}
