const MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** Up to five digits of each unit, largest first: at most some 274 years, far inside a safe integer. */
export const DURATION =
  /^(?=\d)(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m(?!s))?(?:(\d{1,5})s)?(?:(\d{1,5})ms)?$/;

export const DURATION_EXPECTED = "a duration such as 90s, 30m, 1h or 2h30m";

/** A duration's milliseconds, or undefined for what is none. `0s` is one. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const [, d = "0", h = "0", m = "0", s = "0", ms = "0"] = match;
  return Number(d) * MS.d + Number(h) * MS.h + Number(m) * MS.m + Number(s) * MS.s + Number(ms) * MS.ms;
}

/** A duration as a person writes it, `2h30m`: without what is under a second, except when there is nothing else. */
export function formatDuration(durationMs: number): string {
  if (durationMs < MS.s) return `${Math.max(0, Math.trunc(durationMs))}ms`;
  let rest = durationMs;
  let text = "";
  for (const unit of ["d", "h", "m", "s"] as const) {
    const whole = Math.floor(rest / MS[unit]);
    rest -= whole * MS[unit];
    if (whole > 0) text += `${whole}${unit}`;
  }
  return text;
}
