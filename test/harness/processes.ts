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
  const all = processIds().flatMap((pid) => [look(pid)].filter((found) => found !== undefined));
  const below = (pid: number): Seen[] =>
    all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...below(child.pid)]);
  return below(root).map(withCommandLine);
}

/** Whether a process is of this run, for all that were looked at: it stays so, and a look at each after every test took minutes. */
const looked = new Map<number, boolean>();

/** What this test run started and is still there: children of ours, and whatever carries our mark. */
export function startedByThisRun(): RunningProcess[] {
  const there = new Set(processIds());
  for (const pid of looked.keys()) if (!there.has(pid)) looked.delete(pid); // its number may be used again
  const isOurs = (pid: number) => pid === process.pid || looked.get(pid) === true;
  for (const pid of there) {
    const found = looked.has(pid) ? undefined : look(pid);
    if (found !== undefined) looked.set(pid, isOurs(found.parent) || carriesMark(pid));
  }
  looked.set(process.pid, false);
  const ours = [...looked].filter(([, isOne]) => isOne).map(([pid]) => look(pid));
  return ours.filter((found) => found !== undefined).map(withCommandLine);
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
    if (pids.every((pid) => look(pid) === undefined)) return true;
    if (performance.now() > until) return false;
    await sleep(10);
  }
}

type Seen = Omit<RunningProcess, "commandLine">;

/** In the order of their numbers, so that most children come behind their parents. */
function processIds(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Undefined for a process that has ended. */
function look(pid: number): Seen | undefined {
  const status = readOrNothing(`/proc/${pid}/stat`);
  // The command's name stands in parentheses and may hold anything, parentheses too.
  const [state, parent] = status.slice(status.lastIndexOf(")") + 2).split(" ");
  return parent === undefined || state === "Z" || state === "X" ? undefined : { pid, parent: Number(parent) };
}

function withCommandLine(seen: Seen): RunningProcess {
  const commandLine = readOrNothing(`/proc/${seen.pid}/cmdline`).replaceAll("\0", " ").trim();
  return { ...seen, commandLine };
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
