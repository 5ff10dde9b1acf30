import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runProgram } from "../../test/harness/run-program.js";
import { cpuSeconds } from "../machine.js";
import { rowOf } from "../row.js";
import { sealingSecondsPerGigabyte } from "../sealing.js";
import { measureInTurns } from "../turns.js";
import type { Measurement } from "./measurement.js";
import type { Stand } from "./stand.js";

interface Transfer {
  readonly megabytesPerSecond: number;
  /** Of everything that runs on the hop. */
  readonly cpuSecondsPerGigabyte: number;
}

/** A gigabyte on a machine that has ten other things to do. */
const transferWithinMs = 300_000;
/** Output is written within 250 ms; a session that has ended is sealed and synced. */
const recordedWithinMs = 10_000;

/** Of what the proxies take for the same bytes. */
const sealingPercentMax = 5;

const directions = {
  /** Arguments of sh: ssh and its arguments follow, then come as `"$@"`. */
  down: { local: '"$@" > /dev/null', remote: (bytes: number) => `head -c ${bytes} /dev/zero` },
  up: { local: 'head -c "$0" /dev/zero | "$@"', remote: () => "cat > /dev/null" },
} as const;

type Direction = keyof typeof directions;

/** Bulk data through the hop, a connection each: ours records all of it, OpenSSH's jump nothing. */
export function transfer(direction: Direction): Measurement {
  const row = `relay-1gb-${direction}`;
  return {
    rows: [row, `${row}-aes-gcm`, `${row}-cpu`, `${row}-sealing`],
    async measure(stand, { runs, bytes }, progress) {
      const { reference, bastion } = stand;
      const jump = (way: "jump" | "jump-gcm") => () =>
        timed(stand, direction, reference.ways[way], bytes, [reference.jump.pid]);
      const measured = await measureInTurns(
        runs,
        {
          ours: async () => {
            const { recordings } = bastion;
            const done = await timed(stand, direction, stand.way, bytes, bastion.pidsOf("proxy"));
            await checkRecorded(recordings, bytes);
            rmSync(recordings, { recursive: true });
            return done;
          },
          jump: jump("jump"),
          gcm: jump("jump-gcm"),
        },
        (turn, way) => progress.say(`${row}: ${way}, ${turn === 0 ? "warming up" : `${turn} of ${runs}`}`),
      );
      const speed = ({ megabytesPerSecond }: Transfer) => megabytesPerSecond;
      const cpu = ({ cpuSecondsPerGigabyte }: Transfer) => cpuSecondsPerGigabyte;
      const throughput = { unit: "MB/s", better: "more", ours: measured.ours.map(speed) } as const;
      const [asItComes, forced] = [measured.jump.map(speed), measured.gcm.map(speed)];
      return [
        rowOf({ row, ...throughput, reference: asItComes, budget: { ratioMin: 1.3 } }),
        rowOf({ row: `${row}-aes-gcm`, ...throughput, reference: forced, budget: { ratioMin: 1 } }),
        rowOf({
          ...{ row: `${row}-cpu`, unit: "s/GB", better: "less" },
          ...{ ours: measured.ours.map(cpu), reference: measured.jump.map(cpu) },
        }),
        rowOf({
          ...{ row: `${row}-sealing`, unit: "% of CPU", better: "less" },
          ours: measured.ours.map((each) => (100 * sealingSecondsPerGigabyte()) / cpu(each)),
          ...{ reference: [sealingPercentMax], budget: { oursMax: sealingPercentMax } },
        }),
      ];
    },
  };
}

async function timed(
  { tools }: Stand,
  direction: Direction,
  way: readonly string[],
  bytes: number,
  hop: readonly number[],
): Promise<Transfer> {
  const { local, remote } = directions[direction];
  const cpu = () => hop.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  const beforeCpu = cpu();
  const beforeMs = performance.now();
  const args = ["-c", local, String(bytes), tools.ssh, ...way, remote(bytes)];
  const { status, stderr } = await runProgram("/bin/sh", args, { timeoutMs: transferWithinMs });
  const seconds = (performance.now() - beforeMs) / 1000;
  if (status !== 0) throw new Error(`ssh ${way.join(" ")} ended with ${String(status)}: ${stderr}`);
  await sleep(200); // the hop ends its side, and a process's time counts when it was waited for
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    cpuSecondsPerGigabyte: (cpu() - beforeCpu) / (bytes / 1e9),
  };
}

/** Everything that passed must be in the recording: zeros do not compress there, for no terminal sent them. */
async function checkRecorded(recordings: string, bytes: number): Promise<void> {
  const untilMs = performance.now() + recordedWithinMs;
  while (folderBytes(recordings) < bytes) {
    if (performance.now() > untilMs) throw new Error(`less than ${bytes} bytes were recorded`);
    await sleep(20);
  }
}

function folderBytes(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
