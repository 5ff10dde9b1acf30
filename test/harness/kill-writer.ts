import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** When a program is killed: after so many lines and so many milliseconds more, so that it may come at any of its steps. */
export interface Moment {
  readonly lines: number;
  readonly moreMs: number;
}

/** Runs a program of ours with `kill -9` at its end; the whole lines that it had printed. */
export async function killWriter(
  program: string,
  argument: string,
  { lines, moreMs }: Moment,
): Promise<string[]> {
  const child = spawn(process.execPath, [program, argument], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = once(child, "close");
  while (printed.split("\n").length <= lines && child.exitCode === null)
    await Promise.race([once(child.stdout, "data"), ended]);
  await sleep(moreMs);
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL");
  return printed.slice(0, printed.lastIndexOf("\n")).split("\n");
}
