import { BlockKind, BlockSplitter, type Block } from "../../../src/recording/block.js";
import { magic } from "../../../src/recording/chain.js";
import type { Frame, RecordingHeader, WrappedKey } from "../../../src/recording/index.js";
import { encodeSubstitute } from "../../../src/recording/substitute.js";
import { recordingOf } from "./memory-file.js";
import {
  apartKey,
  dataKey,
  exec,
  frame,
  header,
  line,
  request,
  shell,
  shown,
  shownOnStderr,
  typed,
} from "./samples.js";

/** What cannot be made again because it is random: kept beside the vectors. */
export interface VectorKeys {
  auditors: { alice: string; bob: string; carol: string };
  /** The data key to alice, the apart key to carol; what the vectors were written with. */
  keys: WrappedKey[];
  /** The data key to bob: the re-wrap of `redacted.bsr`. */
  rewrapped: WrappedKey[];
}

export type VectorName = "session" | "interrupted" | "redacted";

const clock = Buffer.alloc(8);
clock.writeBigUInt64BE(1_767_225_660_000n);

/** Each inner list is one block. */
const blocks: Frame[][] = [
  ...shell(12, { columns: 100, rows: 30 }).map((each) => [each]),
  [shown(80, "\x1b[?2004h$ ")],
  [typed(1500, "w")],
  [shown(1501, "w"), typed(1620, "\r")],
  [shown(1622, `\r\n${"alice    pts/0        192.0.2.7        00:01    0.00s\r\n".repeat(4)}$ `)],
  [shown(5000, "0123456789abcdef".repeat(4400)), shown(5001, "in the same block")],
  [shown(6000, "a block of its own, deflated\r\n".repeat(300))],
  [typed(7000, "x"), line(7002, "x", 2, 3)],
  [frame("clock", "bastion", 60_000, clock, 0), frame("notice", "bastion", 60_001, "\r\n5 minutes left\r\n")],
  [
    ...exec("scp -t /tmp", 61_000, 2),
    typed(61_001, "C0644 3 a\n", 2),
    shownOnStderr(61_002, "überfällig\n", 2),
  ],
  [
    frame("fileOperation", "bastion", 61_003, '{"operation":"write","path":"/tmp/a","bytes":3}', 2),
    frame("channelRequest", "target", 61_004, request("exit-status", false, 1), 2),
    frame("channelEof", "target", 61_004, "", 2),
    frame("channelClose", "target", 61_004, "", 2),
    frame("denied", "bastion", 61_500, '{"reason":"channel-kind"}', 3),
    frame("cut", "bastion", 61_600, '{"reason":"grant-ended"}', 0),
  ],
];

/** What a reader gives for `session.bsr`, without the end frame. */
export const vectorFrames: readonly Frame[] = blocks.flat();

/** Makes a vector's bytes; what is deflated may come out otherwise with another zlib. */
export async function makeVector(name: VectorName, { keys, rewrapped }: VectorKeys): Promise<Buffer> {
  const vectorHeader: RecordingHeader = { ...header, keys };
  const clockOfEnd = { nowUs: () => 62_000_000 };
  const bytes = await recordingOf(blocks, {
    header: vectorHeader,
    dataKey,
    apartKey,
    terminal: ({ channel }) => channel === 1,
    clock: clockOfEnd,
  });
  if (name === "session") return bytes;
  if (name === "interrupted") return bytes.subarray(0, splitBlocks(bytes)[2]!.offset + 200);
  const parts = splitBlocks(bytes).map((block, number) => {
    if (block.kind === BlockKind.keys) return encodeSubstitute(block, { keys: rewrapped, by: "carol" });
    return number === 2
      ? encodeSubstitute(block, { reason: "personal data", by: ["bob", "carol"] })
      : block.bytes;
  });
  return Buffer.concat([magic, ...parts]);
}

export function splitBlocks(bytes: Buffer): Block[] {
  const splitter = new BlockSplitter();
  splitter.push(bytes);
  const found: Block[] = [];
  for (let block = splitter.next(); block; block = splitter.next()) found.push(block);
  return found;
}

/** A frame as `<vector>.json` keeps it. */
export function frameLine({ type, direction, channel, atUs, payload }: Frame): unknown[] {
  return [type, direction, channel, atUs, payload.toString("base64")];
}
