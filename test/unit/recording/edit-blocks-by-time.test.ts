import assert from "node:assert/strict";
import {
  commitRewrite,
  FrameType,
  openRecording,
  prepareRedaction,
  verifyRecording,
  type Frame,
} from "../../../src/recording/index.js";
import { blocksByTime } from "../../../src/recording/edit/blocks-by-time.js";
import { generateAuditorKey, wrapDataKey } from "../../../src/recording/index.js";
import { RecordingFolder } from "./edit-on-disk.js";
import { recordingOf } from "./memory-file.js";
import { crossed, secret, statement, stretch } from "./redacted-sample.js";
import { apartKey, dataKey, gathered, header, line, shell, shown, typed } from "./samples.js";

/** Ends the stream block that is open. */
const filler = (atMs: number): Frame => shown(atMs, " ".repeat(64 * 1024));

describe("recording/edit blocks by time", () => {
  const folder = new RecordingFolder();
  const auditor = generateAuditorKey();
  let original: Buffer;
  before(async () => {
    original = await recordingOf(crossed, {
      header: { ...header, keys: await wrapDataKey(dataKey, [auditor]) },
    });
  });
  beforeEach(() => folder.put(original));

  function itFinds(name: string, fromS: number, toS: number, expected: readonly [number, number]): void {
    it(`finds ${name}`, async () => {
      const times = { fromUs: fromS * 1e6, toUs: toS * 1e6 };
      const found = await blocksByTime(folder.path, [auditor], times);
      assert.deepEqual([found?.from, found?.to], expected);
      assert.equal(found?.session, header.session);
    });
  }

  const rows = [
    ["the-secret", 2, 3.9, [4, 5]],
    ["one-block", 2, 2, [4, 4]],
    ["all-that-crossed", 0, 60, [2, 6]],
    ["the-last-output-but-not-the-end", 5, 60, [6, 6]],
  ] as const;
  for (const [name, fromS, toS, expected] of rows) itFinds(name, fromS, toS, expected);

  it("finds nothing where nothing was", async () => {
    const times = { fromUs: 20e6, toUs: 30e6 };
    assert.equal(await blocksByTime(folder.path, [auditor], times), undefined);
  });

  it("takes a block that it cannot read for one that fills the time around it", async () => {
    const promised = await verifyRecording(folder.path);
    const { prepared } = await prepareRedaction(folder.path, stretch, { statement, promised });
    await commitRewrite(prepared);
    const found = await blocksByTime(folder.path, [auditor], { fromUs: 4e6, toUs: 4.1e6 });
    assert.deepEqual([found?.from, found?.to], [4, 5]);
  });

  it("needs a key that opens it", async () => {
    const other = generateAuditorKey();
    await assert.rejects(blocksByTime(folder.path, [other], { fromUs: 0, toUs: 1 }), {
      code: "key-not-for-us",
    });
  });

  describe("in stream blocks", () => {
    /** Blocks 2 to 7: `sleep` while a password is typed blindly, then a line whose echo takes three blocks. */
    const streams = [
      [...shell(), filler(1000)],
      [typed(2000, "hunter2\r"), filler(2001)],
      [
        line(4100, "•••••••\r", 2100, 3),
        shown(6000, "$ "),
        typed(6500, "my "),
        shown(6501, "my "),
        filler(6502),
      ],
      [typed(8000, secret), shown(8001, secret), filler(8002)],
      [typed(9000, "\r"), shown(9001, "\r\n"), line(9001, `my ${secret}\r`, 2501, 4), filler(9002)],
      [shown(12_000, "done\r\n"), shown(12_500, "$ ")],
    ];
    beforeEach(async () => {
      const keys = [
        ...(await wrapDataKey(dataKey, [auditor])),
        ...(await wrapDataKey(apartKey, [auditor], "apart")),
      ];
      folder.put(await recordingOf(streams, { terminal: true, header: { ...header, keys } }));
    });

    const rows = [
      ["what was typed blindly, with what tells of it", 3, 4, [3, 4]],
      ["all of a line of which a part was asked for", 8, 8.5, [4, 6]],
      ["all of a line where it is told", 9.001, 9.001, [4, 6]],
      ["no block beside it", 1, 1.9, [2, 2]],
      ["nothing more than what was shown", 12.1, 13, [7, 7]],
    ] as const;
    for (const [name, fromS, toS, expected] of rows) itFinds(name, fromS, toS, expected);

    it("takes the last keys of an interrupted session, which no line tells of, for those of any later time", async () => {
      const sealed = { ...header, keys: await wrapDataKey(dataKey, [auditor]) };
      const late = { fromUs: 50e6, toUs: 51e6 };
      folder.put(await recordingOf(streams.slice(0, 2), { terminal: true, header: sealed, end: false }));
      const found = await blocksByTime(folder.path, [auditor], late);
      assert.deepEqual([found?.from, found?.to, found?.toUs], [3, 3, 2_001_000]);
      folder.put(await recordingOf(streams.slice(0, 2), { terminal: true, header: sealed }));
      assert.equal(await blocksByTime(folder.path, [auditor], late), undefined);
    });

    it("finds what a dead writer left, as one block more, for any later time", async () => {
      const bytes = await recordingOf([...streams.slice(0, 1), [typed(7000, "x"), shown(7001, "x")]], {
        ...{
          terminal: true,
          end: false,
          header: { ...header, keys: await wrapDataKey(dataKey, [auditor]) },
        },
      });
      folder.put(bytes);
      const both = await blocksByTime(folder.path, [auditor], { fromUs: 1e6, toUs: 8e6 });
      assert.deepEqual([both?.from, both?.to], [2, 3]);
      const torn = { fromUs: 7001e3, toUs: 8e6 };
      const alone = await blocksByTime(folder.path, [auditor], torn);
      assert.deepEqual([alone?.from, alone?.to], [3, 3]);
      const early = await blocksByTime(folder.path, [auditor], { fromUs: 0, toUs: 999e3 });
      assert.deepEqual([early?.from, early?.to], [2, 2]);
      const last = folder.bytes.length - 1;
      folder.put(folder.bytes.subarray(0, (await verifyRecording(folder.path)).bytes + 1)); // nothing of it can be read
      assert.ok(last > folder.bytes.length);
      const unread = await blocksByTime(folder.path, [auditor], torn);
      assert.deepEqual([unread?.from, unread?.to], [3, 3]);
    });

    for (const [name, keys] of Object.entries({ "the data key": undefined, "both keys": apartKey }))
      it(`takes out what was typed, its echo and its line, and leaves all else to who has ${name}`, async () => {
        const before = await read(keys);
        assert.match(textOf(before), /horse/u);
        const promised = await verifyRecording(folder.path);
        const blocks = { from: 4, to: 6 };
        const { prepared } = await prepareRedaction(folder.path, blocks, { statement, promised });
        await commitRewrite(prepared);
        const after = await read(keys);
        assert.doesNotMatch(textOf(after), /horse|my /u);
        const isKept = ({ type, atUs }: Frame) => type !== FrameType.withheld && (atUs < 4e6 || atUs > 10e6);
        assert.deepEqual(
          after.filter(({ type }) => type !== FrameType.withheld),
          before.filter(isKept),
        );
        assert.equal((await verifyRecording(folder.path, [promised])).state, "ended");
      });

    async function read(keys: Buffer | undefined): Promise<Frame[]> {
      const reader = await openRecording(folder.path, dataKey, keys);
      const frames = await gathered(reader.frames());
      await reader.close();
      return frames;
    }
    const textOf = (frames: readonly Frame[]) => frames.map(({ payload }) => payload.toString()).join("");
  });
});
