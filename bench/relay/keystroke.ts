import { setTimeout as sleep } from "node:timers/promises";
import { rowOf } from "../row.js";
import { percentile } from "../statistics.js";
import { LiveSession } from "./live-session.js";
import type { Measurement } from "./measurement.js";

/** A fast typist's rhythm would take minutes; this lets everything come to rest between two keys. */
const betweenKeysMs = 3;
const warmUpKeys = 200;

/** OpenSSH 9.5 and later send keys in a rhythm of 20 ms, whatever is behind them; earlier ones do not know the option. */
const atOnce = ["-o", "IgnoreUnknown=ObscureKeystrokeTiming", "-o", "ObscureKeystrokeTiming=no"];
const echo = "stty raw -echo; echo ready; exec cat";

/** One key on a terminal, to the program on the target and back. */
export const keystroke: Measurement = {
  rows: ["keystroke-echo-p50", "keystroke-echo-p99"],
  async measure({ tools, way, reference }, { keystrokes }, progress) {
    const open = (args: readonly string[]) => LiveSession.open(tools.ssh, [...atOnce, "-tt", ...args, echo]);
    const sessions = { ours: await open(way), reference: await open(reference.ways.jump) };
    await sleep(500); // what the terminal still had to say
    const measured: Record<keyof typeof sessions, number[]> = { ours: [], reference: [] };
    for (let key = -warmUpKeys; key < keystrokes; key++) {
      if (key % 100 === 0) progress.say(`keystroke-echo: ${Math.max(0, key)} of ${keystrokes}`);
      for (const name of ["ours", "reference"] as const) {
        const ms = await sessions[name].echo();
        if (key >= 0) measured[name].push(ms);
        await sleep(betweenKeysMs);
      }
    }
    await Promise.all(Object.values(sessions).map((session) => session.close()));
    const common = { unit: "ms", better: "less", ...measured } as const;
    const at = (percent: number) => (values: readonly number[]) => percentile(values, percent);
    return [
      rowOf({ row: "keystroke-echo-p50", ...common, of: at(50), budget: { addedMax: 0.3 } }),
      rowOf({ row: "keystroke-echo-p99", ...common, of: at(99), budget: { addedMax: 2 } }),
    ];
  },
};
