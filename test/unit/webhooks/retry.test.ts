import assert from "node:assert/strict";
import { parseRetryAfter, retryDelayMs, RETRY_AFTER_MAX_MS } from "../../../src/webhooks/retry.js";

const now = Date.UTC(2026, 10, 21, 8);

describe("webhooks/retry", () => {
  for (const [row, failures, random, retryAfter, expected] of [
    ["first-least", 1, 0, undefined, 500],
    ["first-most", 1, 1, undefined, 1000],
    ["doubled", 4, 1, undefined, 8000],
    ["bounded", 9, 1, undefined, 120_000],
    ["bounded-for-ever", 100_000, 1, undefined, 120_000],
    ["as-the-receiver-asked", 1, 1, 30_000, 30_000],
    ["not-sooner-than-our-own", 6, 1, 1000, 32_000],
  ] as const) {
    it(`waits: ${row}`, () => assert.equal(retryDelayMs(failures, random, retryAfter), expected));
  }

  for (const [row, value, expected] of [
    ["absent", null, undefined],
    ["seconds", "120", 120_000],
    ["a-date", "Sat, 21 Nov 2026 08:00:30 GMT", 30_000],
    ["a-date-gone-by", "Sat, 21 Nov 2026 07:00:00 GMT", 0],
    ["a-year", "31536000", RETRY_AFTER_MAX_MS],
    ["more-digits-than-there-are-seconds", "9".repeat(40), undefined],
    ["negative", "-5x", undefined],
    ["nonsense", "soon", undefined],
  ] as const) {
    it(`reads Retry-After: ${row}`, () => assert.equal(parseRetryAfter(value, now), expected));
  }
});
