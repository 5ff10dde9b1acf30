/** A count as the formats write it: decimal, no leading zero; undefined for anything else and past 2^53 - 1. */
export function parseCount(text: string): number | undefined {
  const count = /^(?:0|[1-9]\d*)$/u.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(count) ? count : undefined;
}
