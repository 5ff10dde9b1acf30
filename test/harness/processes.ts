import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Every program that the harness starts has this in its environment, so that one which detaches is found as well. */
export const runMark = { BASCULE_TEST_RUN: `${process.pid}-${process.hrtime.bigint()}` };

/** How long a process may take to go away by itself after its end was asked for. */
const graceMs = 10_000;

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly commandLine: string;
}

/** Processes below `root`, children before their parents' parents; zombies are left out. */
export function descendants(root: number): RunningProcess[] {
  const all = processTable();
  const below = (pid: number): RunningProcess[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(root);
}

/** What this test run started and is still there: children of ours, and whatever carries our mark. */
export function startedByThisRun(): RunningProcess[] {
  const ours = new Map(descendants(process.pid).map((found) => [found.pid, found]));
  for (const found of processTable()) if (carriesMark(found.pid)) ours.set(found.pid, found);
  ours.delete(process.pid);
  return [...ours.values()];
}

/** Ends a process and all below it, first kindly; resolves when they are gone. */
export async function endProcessTree(root: number): Promise<void> {
  const tree = [root, ...descendants(root).map(({ pid }) => pid)];
  for (const pid of tree) signal(pid, "SIGTERM");
  if (await areGone(tree, graceMs)) return;
  for (const pid of tree) signal(pid, "SIGKILL");
  await areGone(tree, graceMs);
}

export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

async function areGone(pids: readonly number[], withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs;
  for (;;) {
    const running = new Set(processTable().map(({ pid }) => pid));
    if (!pids.some((pid) => running.has(pid))) return true;
    if (performance.now() > until) return false;
    await sleep(10);
  }
}

function processTable(): RunningProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const status = readOrNothing(`/proc/${name}/stat`);
      // The command's name stands in parentheses and may hold anything, parentheses too.
      const [state, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
      if (parent === undefined || state === "Z" || state === "X") return [];
      const commandLine = readOrNothing(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
      return [{ pid: Number(name), parent: Number(parent), commandLine }];
    });
}

function carriesMark(pid: number): boolean {
  return readOrNothing(`/proc/${pid}/environ`).includes(`BASCULE_TEST_RUN=${runMark.BASCULE_TEST_RUN}`);
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // It ended while we looked, or belongs to somebody else.
  }
}
