import assert from "node:assert/strict";
import { markBytes, parseConfig, type Config } from "../../../src/config/index.js";
import { bytesOf, mistakeLines, parsers, sample, sections } from "./sample.js";

const DAY = 86_400_000;
const load = (changes: Parameters<typeof sample>[0] = {}): Config =>
  parseConfig(bytesOf(sample(changes)), "/etc/b.yaml", parsers);
const roleSays = (line: string) => ({ roles: `${sections.roles}\n    ${line}` });
const roleOf = (config: Config) => config.policy.roles.get("db");

const spans: readonly [text: string, keepMs: number][] = [
  ["90d", 90 * DAY],
  ["2y", 730 * DAY],
  ["36h", 1.5 * DAY],
  ["1m", 60_000],
  ["100y", 36_500 * DAY],
];

const marks: readonly [text: string, totalBytes: number, bytes: number][] = [
  ["1GiB", 2 ** 40, 2 ** 30],
  ["10%", 1000, 100],
  ["0.5%", 1000, 5],
  ["5GiB or 10%", 2 ** 40, 5 * 2 ** 30],
  ["5GiB or 10%", 2 ** 30, Math.floor(2 ** 30 / 10)],
];

const wrong: readonly [name: string, change: Parameters<typeof sample>[0], mistakes: readonly string[]][] = [
  [
    "a-keep-of-seconds",
    { more: "retention: { keep: 59s }" },
    ["18 retention.keep: expected a duration such as 36h, 90d or 2y, from 1m to 100y"],
  ],
  [
    "a-keep-past-a-century",
    { more: "retention: { keep: 101y }" },
    ["18 retention.keep: expected a duration such as 36h, 90d or 2y, from 1m to 100y"],
  ],
  [
    "years-and-days",
    { more: "retention: { keep: 1y30d }" },
    ["18 retention.keep: expected a duration such as 36h, 90d or 2y, from 1m to 100y"],
  ],
  [
    "a-word",
    roleSays("retention: { keep: forever }"),
    ["17 roles.db.retention.keep: expected a duration such as 36h, 90d or 2y, from 1m to 100y"],
  ],
  [
    "deleted-before-it-leaves",
    { more: "retention: { atHand: 2y, keep: 90d }" },
    ["18 retention.atHand: expected less than keep, 90d"],
  ],
  [
    "deleted-as-it-leaves",
    roleSays("retention: { atHand: 90d, keep: 90d }"),
    ["17 roles.db.retention.atHand: expected less than keep, 90d"],
  ],
  [
    "an-archive-at-hand",
    { more: "archive: ./elsewhere/../recordings/" },
    ["18 archive: expected another folder than recordings"],
  ],
  ["an-index-that-is-none", roleSays("index: on"), ["17 roles.db.index: expected clear or sealed or off"]],
  [
    "a-mark-without-a-unit",
    { more: "disk: { warnBelow: 5 }" },
    ["18 disk.warnBelow: expected free space such as 1GiB, 10%, or 5GiB or 10% (the smaller of both)"],
  ],
  [
    "a-mark-of-everything",
    { more: "disk: { fullBelow: 100% }" },
    ["18 disk.fullBelow: expected free space such as 1GiB, 10%, or 5GiB or 10% (the smaller of both)"],
  ],
  [
    "full-before-low",
    { more: "disk: { warnBelow: 1GiB, fullBelow: 2GiB }" },
    ["18 disk.warnBelow: expected at least fullBelow"],
  ],
  [
    "one-admin-is-not-two",
    { more: "disk: { whenFull: one }" },
    ["18 disk.whenFull: expected refuse or two-people"],
  ],
  [
    "no-reserve",
    { more: "disk: { reserve: 0B }" },
    ["18 disk.reserve: expected a size such as 512B, 64KiB or 1GiB, from 64KiB to 64GiB"],
  ],
];

describe("config/keep-schema", () => {
  for (const [text, keepMs] of spans)
    it(`reads keep: ${text}`, () => {
      assert.deepEqual(load({ more: `retention: { keep: ${text} }` }).retention, { keepMs });
    });

  for (const [text, totalBytes, bytes] of marks)
    it(`takes ${text} of ${totalBytes} bytes for ${bytes}`, () => {
      const { disk } = load({ more: `disk: { warnBelow: ${text}, fullBelow: 0B }` });
      assert.equal(markBytes(disk.warnBelow, totalBytes), bytes);
    });

  for (const [name, change, mistakes] of wrong)
    it(`refuses ${name}`, () => assert.deepEqual(mistakeLines(sample(change)), mistakes));

  it("keeps for ever, seals the index and refuses on a full disk where nothing is said", () => {
    const { retention, recording, disk, archive, ...config } = load();
    assert.deepEqual(
      [retention, archive, recording.index, disk.whenFull],
      [undefined, undefined, "sealed", "refuse"],
    );
    assert.deepEqual(
      [roleOf({ ...config, recording, disk })?.retention, roleOf({ ...config, recording, disk })?.index],
      [undefined, "sealed"],
    );
  });

  it("gives a role that says nothing what stands at the top, and one that does only what it says", () => {
    const more = "retention: { atHand: 1d, keep: 2d }\narchive: ./old";
    assert.deepEqual(roleOf(load({ more }))?.retention, { atHandMs: DAY, keepMs: 2 * DAY });
    const own = load({ ...roleSays("retention: { keep: 9d }\n    index: clear"), more });
    assert.deepEqual(roleOf(own)?.retention, { keepMs: 9 * DAY });
    assert.equal(roleOf(own)?.index, "clear");
    assert.equal(own.archive, "/etc/old");
  });

  it("warns of recordings that are to leave and have nowhere to go", () => {
    const { warnings } = load({ more: "retention: { atHand: 1d }" });
    assert.deepEqual(warnings, [
      {
        path: "retention.atHand",
        line: 18,
        message: "there is no archive: folder, so recordings stay at hand until they are deleted",
      },
    ]);
  });
});
