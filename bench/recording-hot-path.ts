/**
 * What recording 1 GB costs: frames of 32 KiB, flushed in pairs as the relay does, on a real file; MB/s and CPU seconds.
 * And what a terminal session's recording takes, beside its asciicast.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asciicastBytes, recordTerminalSession } from "../test/unit/recording/terminal-session.js";
import { sealingSecondsPerGigabyte } from "./sealing.js";
import { commitKey, createRecording, FrameType, type RecordingHeader } from "../src/recording/index.js";

const frameBytes = 32 * 1024;
const totalBytes = 1e9;

const [dataKey, apartKey] = [randomBytes(32), randomBytes(32)];
const header: RecordingHeader = {
  format: "bascule-recording-v1",
  session: "ses-bench",
  identity: "alice",
  grant: "grt-bench",
  approvers: [],
  reason: "bench",
  serial: "1",
  clientAddress: "127.0.0.1",
  target: "target",
  login: "root",
  hostKey: "SHA256:none",
  startedAtMs: 0,
  policy: "none",
  bastion: "bastion",
  keyCommitment: commitKey(dataKey, "ses-bench"),
  apartKeyCommitment: commitKey(apartKey, "ses-bench"),
  keys: [],
};

/** Says a line a round; the files go into a folder of their own below `folder`, which is gone afterwards. */
export async function measureRecording(
  folder: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const directory = await mkdtemp(join(folder ?? tmpdir(), "bascule-bench-"));
  try {
    // Twice into new files: the first also pays for the pages of a cold cache and for compiling.
    for (const round of ["first", "second"]) say(`${round}: ${await measure(join(directory, round))}`);
    say(`sealing alone, CPU per GB: ${sealingSecondsPerGigabyte().toFixed(2)} s`);
    say(await terminalSize());
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Of a session that was really on a terminal; two auditors' keys are in it. */
async function terminalSize(): Promise<string> {
  const recorded = await recordTerminalSession();
  const { length } = recorded.bytes;
  const of = async (keys: boolean): Promise<string> => {
    const asciicast = await asciicastBytes(recorded, keys);
    const share = (length / asciicast).toFixed(3);
    return `${share} of its asciicast v2 ${keys ? "with" : "without"} keys (${asciicast} bytes)`;
  };
  return `terminal session: ${length} bytes, ${await of(true)}, ${await of(false)}; at most 0.25 is wanted`;
}

async function measure(path: string): Promise<string> {
  const nowUs = (): number => performance.now() * 1000;
  const onFailure = (error: Error): never => {
    throw error;
  };
  const durability = { syncEveryMs: 1000 };
  const writer = await createRecording(path, {
    ...{ header, dataKey, apartKey, durability, clock: { nowUs }, onFailure },
  });
  const payload = randomBytes(frameBytes);
  const beforeCpu = process.cpuUsage();
  const beforeMs = performance.now();
  for (let sent = 0; sent < totalBytes; sent += 2 * frameBytes) {
    const atUs = nowUs();
    writer.append({ type: FrameType.channelData, direction: "target", channel: 1, atUs, payload });
    writer.append({ type: FrameType.channelData, direction: "target", channel: 1, atUs, payload });
    writer.flush();
    // As in the relay, the loop turns between batches now and then: timers and syncs get their time.
    if (sent % (64 * frameBytes) === 0) await new Promise(setImmediate);
  }
  const seconds = (performance.now() - beforeMs) / 1000;
  const cpu = process.cpuUsage(beforeCpu);
  await writer.close({ outcome: "closed" });
  const gigabytes = totalBytes / 1e9;
  return (
    `${(totalBytes / 1e6 / seconds).toFixed(0)} MB/s, CPU per GB ` +
    `${((cpu.user + cpu.system) / 1e6 / gigabytes).toFixed(2)} s ` +
    `(user ${(cpu.user / 1e6).toFixed(2)}, system ${(cpu.system / 1e6).toFixed(2)})`
  );
}
