const UNITS: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
]);

/** Six digits at most, so that even gibibytes stay inside a safe integer. */
export const SIZE = /^(0|[1-9]\d{0,5})(B|KiB|MiB|GiB)$/;

export const SIZE_EXPECTED = "a size such as 512B, 64KiB or 1GiB";

/** A size's bytes, or undefined for what is none. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = SIZE.exec(text) ?? [];
  const bytes = UNITS.get(unit);
  return bytes === undefined ? undefined : Number(digits) * bytes;
}
