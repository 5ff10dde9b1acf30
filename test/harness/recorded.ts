import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  Channels,
  FrameType,
  openRecording,
  parseAuditorPrivateKey,
  type ChannelView,
  type Ending,
  type Frame,
  type RecordingHeader,
} from "../../src/recording/index.js";

/** All that a recording holds, read with both keys that `init` made. */
export interface Recorded {
  readonly path: string;
  readonly header: RecordingHeader;
  readonly frames: readonly Frame[];
  readonly channels: readonly ChannelView[];
  readonly ending: Ending;
}

/** Which of a channel's streams: what the client sent, what the target sent, and of that its stderr. */
export type Stream = "stdin" | "stdout" | "stderr";

/** How long a session's recording may take to be closed after its client is gone. */
const closedWithinMs = 60_000;

/** Every recording below a folder, oldest day first; none while there is no such folder. */
export function recordingFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".bsr"))
    .sort()
    .map((name) => join(folder, name));
}

/** @throws RecordingError for anything but a whole recording, live and interrupted ones included */
export async function readRecorded(path: string, auditorKey: string): Promise<Recorded> {
  const apartKey = join(dirname(auditorKey), "auditor-apart.jwk");
  const keys = [auditorKey, apartKey].map((file) => parseAuditorPrivateKey(readFileSync(file, "utf8")));
  const reader = await openRecording(path, keys, keys);
  try {
    const frames: Frame[] = [];
    const channels = new Channels();
    for await (const frame of reader.frames()) {
      frames.push({ ...frame, payload: Buffer.from(frame.payload) });
      channels.see(frame);
    }
    const { header, ending } = reader;
    if (ending === undefined) throw new Error("a whole pass gives no ending");
    return { path, header, frames, channels: channels.all(), ending };
  } finally {
    await reader.close();
  }
}

/** What `act` gave, and the one recording that came of it, once it was closed. */
export async function recordedBy<T>(
  { recordings, auditorKey }: { recordings: string; auditorKey: string },
  act: () => Promise<T>,
): Promise<{ result: T; recorded: Recorded }> {
  const before = new Set(recordingFiles(recordings));
  const result = await act();
  const until = performance.now() + closedWithinMs;
  for (;;) {
    const added = recordingFiles(recordings).filter((path) => !before.has(path));
    const [path] = added;
    if (path === undefined || added.length > 1) throw new Error(`${added.length} recordings instead of one`);
    const recorded = await readRecorded(path, auditorKey);
    if (recorded.ending.state === "ended") return { result, recorded };
    if (performance.now() > until) throw new Error(`${path} is not closed`);
    await sleep(20);
  }
}

/** The bytes of one stream of one channel, in order. */
export function bytesOf({ frames }: Pick<Recorded, "frames">, stream: Stream, channel = 1): Buffer {
  const type = stream === "stderr" ? FrameType.channelExtendedData : FrameType.channelData;
  const direction = stream === "stdin" ? "client" : "target";
  return Buffer.concat(
    frames
      .filter((frame) => frame.channel === channel && frame.type === type && frame.direction === direction)
      .map(({ payload }) => (stream === "stderr" ? payload.subarray(4) : payload)),
  );
}

/** What Bascule itself put into a channel. */
export function noticesOf({ frames }: Pick<Recorded, "frames">, channel = 1): string {
  return Buffer.concat(
    frames
      .filter((frame) => frame.channel === channel && frame.type === FrameType.notice)
      .map((f) => f.payload),
  ).toString();
}

/** The JSON of every frame of one of Bascule's own types. */
export function detailsOf({ frames }: Pick<Recorded, "frames">, type: number): unknown[] {
  return frames
    .filter((frame) => frame.type === type)
    .map(({ payload }) => JSON.parse(payload.toString()) as unknown);
}
