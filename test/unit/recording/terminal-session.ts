import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { mock } from "node:test";
import { gunzipSync } from "node:zlib";
import { TypingTap } from "../../../src/proxy/typing-tap.js";
import {
  exportRecording,
  FrameType,
  generateAuditorKey,
  wrapDataKey,
  type Frame,
} from "../../../src/recording/index.js";
import { MemoryFile, writeInMemory } from "./memory-file.js";
import { apartKey, dataKey, header, shell, streamed } from "./samples.js";

/** When (milliseconds), whether it was typed or shown, and the bytes, a character each. */
type Event = readonly [atMs: number, kind: "i" | "o", bytes: string];

/**
 * Two minutes of bash on a real pty, kept as they came: ls, a mistyped command mended, git, a password, make, vim, top, less.
 * Typing was done by a program, a key at a time, with a person's pauses.
 */
const events = (): Event[] =>
  gunzipSync(readFileSync(resolve("test/unit/recording/terminal-session.jsonl.gz")))
    .toString("utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);

/** Of the timers while it is played: finer than any of the recorder's. */
const stepMs = 10;

/** A recording made as the proxy makes it, and what went into it. */
export interface RecordedTerminal {
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
}

/** Has the recorder record that session, in no time: its timers go by the session's clock. */
export async function recordTerminalSession(): Promise<RecordedTerminal> {
  const [auditor, unsealer] = [generateAuditorKey(), generateAuditorKey()];
  const keys = [
    ...(await wrapDataKey(dataKey, [auditor])),
    ...(await wrapDataKey(apartKey, [unsealer], "apart")),
  ];
  let nowMs = 0;
  const nowUs = (): number => nowMs * 1000;
  const options = { header: { ...header, keys }, clock: { nowUs } };
  const { file, writer } = await writeInMemory(new MemoryFile(), options);
  const frames: Frame[] = [];
  const append = writer.append.bind(writer);
  writer.append = (frame, terminal) => {
    frames.push({ ...frame, payload: Buffer.from(frame.payload) });
    append(frame, terminal);
  };
  const tap = new TypingTap(writer, { nowUs, onAppended: () => undefined });
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    for (const frame of shell(0, { columns: 120, rows: 40 })) tap.append(frame, true);
    tap.flush();
    for (const [atMs, kind, bytes] of events()) {
      for (; nowMs + stepMs <= atMs; nowMs += stepMs) mock.timers.tick(stepMs);
      const direction = kind === "i" ? "client" : "target";
      const payload = Buffer.from(bytes, "latin1");
      tap.append({ type: FrameType.channelData, direction, channel: 1, payload }, true);
      if (direction === "client") tap.flush();
    }
    tap.finish();
  } finally {
    mock.timers.reset();
  }
  await writer.close({ outcome: "closed" });
  return { bytes: file.bytes, frames };
}

/** Bytes of the same session as asciicast v2, with what was typed in it or without. */
export async function asciicastBytes(
  { frames }: Pick<RecordedTerminal, "frames">,
  keys: boolean,
): Promise<number> {
  const source = {
    header,
    frames: () => streamed(frames),
  };
  let bytes = 0;
  for await (const piece of exportRecording(source, "asciicast-v2", { keys })) bytes += piece.length;
  return bytes;
}
