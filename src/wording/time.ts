const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** `2026-11-21 08:05 UTC`, with seconds where they matter. For people; programs get milliseconds. */
export function utcText(atMs: number, precision: "minutes" | "seconds" = "minutes"): string {
  const text = new Date(atMs).toISOString().replace("T", " ");
  return `${text.slice(0, precision === "minutes" ? 16 : 19)} UTC`;
}

/** The two largest units: `1h 30m`, `45s`, `2d`. */
export function spanText(ms: number): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(ms / 1000) * 1000);
  for (const [unit, unitMs] of UNITS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) parts.push(`${count}${unit}`);
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0s";
}
