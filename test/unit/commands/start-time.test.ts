import assert from "node:assert/strict";
import { CommandError } from "../../../src/commands/index.js";
import { parseLabelSelector } from "../../../src/commands/label-selector.js";
import { shellWord } from "../../../src/commands/ssh/shell-word.js";
import { parseStartTime } from "../../../src/commands/start-time.js";

/** 2026-11-21 08:00 UTC */
const now = Date.UTC(2026, 10, 21, 8);
const isUsage = (error: unknown) => error instanceof CommandError && error.code === "usage";

describe("commands/start-time", () => {
  for (const [row, text, at] of [
    ["a-span", "+2h", "2026-11-21T10:00Z"],
    ["a-clock", "14:00 UTC", "2026-11-21T14:00Z"],
    ["a-clock-with-z", "14:00Z", "2026-11-21T14:00Z"],
    ["a-clock-of-tomorrow", "07:30 UTC", "2026-11-22T07:30Z"],
    ["this-very-minute", "08:00 UTC", "2026-11-21T08:00Z"],
    ["a-moment", "2026-11-21T14:00Z", "2026-11-21T14:00Z"],
    ["a-moment-with-an-offset", "2026-11-21T14:00+02:00", "2026-11-21T12:00Z"],
    ["as-it-is-shown-here", "2026-11-21 14:00 UTC", "2026-11-21T14:00Z"],
    ["with-seconds", "2026-11-21 14:00:30 UTC", "2026-11-21T14:00:30Z"],
  ] as const) {
    it(`takes ${row}`, () => assert.equal(parseStartTime(text, "--from")(now), Date.parse(at)));
  }

  for (const [row, text] of [
    ["nothing", ""],
    ["a-word", "noon"],
    ["a-clock-of-no-zone", "14:00"],
    ["a-moment-of-no-zone", "2026-11-21T14:00"],
    ["a-day-of-no-calendar", "2026-02-30T14:00Z"],
    ["an-hour-of-no-day", "25:00 UTC"],
    ["a-span-without-a-sign", "2h"],
    ["a-span-of-nothing", "+"],
  ] as const) {
    it(`refuses ${row}`, () => assert.throws(() => parseStartTime(text, "--from"), isUsage));
  }

  it("refuses what is past", () => {
    const yesterday = parseStartTime("2026-11-20T14:00Z", "--from");
    assert.throws(() => yesterday(now), isUsage);
  });
});

describe("commands/label-selector", () => {
  it("takes labels apart", () => {
    assert.deepEqual(
      [...parseLabelSelector("env=prod,team=db", "--selector")],
      [
        ["env", "prod"],
        ["team", "db"],
      ],
    );
  });

  for (const text of [
    "",
    "env",
    "env=",
    "=prod",
    "env=prod,",
    "env=prod,env=lab",
    "env=pr\u043ed",
    "e v=x",
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert.throws(() => parseLabelSelector(text, "--selector"), isUsage));
  }
});

describe("commands/shell-word", () => {
  for (const [text, word] of [
    ["INC-42", "INC-42"],
    ["it can't", `"it can't"`],
    ["", `""`],
    ['say "no"', `'say "no"'`],
    ["$(id)", "'$(id)'"],
    ["`id` isn't", "'`id` isn'\\''t'"],
    ["a;b", '"a;b"'],
    ["~root", '"~root"'],
  ] as const) {
    it(`writes ${text}`, () => assert.equal(shellWord(text), word));
  }
});
