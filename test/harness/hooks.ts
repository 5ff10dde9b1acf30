import type { Context } from "mocha";
import { setTimeout as sleep } from "node:timers/promises";
import { beginRun, beginTest, endRun, endTest } from "./closing.js";
import { signal, startedByThisRun, type RunningProcess } from "./processes.js";

/** How long sockets and processes may take to be gone after everything was closed. */
const graceMs = 10_000;
/** Handles which a test must not leave behind. */
const watched = new Set([
  "TCPServerWrap",
  "TCPSocketWrap",
  "PipeServerWrap",
  "PipeWrap",
  "ProcessWrap",
  "TTYWrap",
]);

interface Standing {
  readonly handles: string[];
  readonly processes: readonly RunningProcess[];
}

let before: Standing = { handles: [], processes: [] };
const leaks: string[] = [];

/** Root hooks: what the harness opened is closed after each test, and what a test left behind fails the run. */
export const mochaHooks = {
  beforeAll: beginRun,
  beforeEach(this: Context): void {
    before = { handles: openHandles(), processes: startedByThisRun() };
    beginTest(this.currentTest?.parent);
  },
  async afterEach(this: Context): Promise<void> {
    this.timeout(60_000);
    await endTest();
    // Said at the very end: a hook that throws here would keep all other tests from running.
    const left = await leftBehind();
    if (left.length > 0) leaks.push(`${this.currentTest?.fullTitle() ?? "a test"}: ${left.join(", ")}`);
  },
  async afterAll(): Promise<void> {
    await endRun();
    if (leaks.length > 0) throw new Error(`left behind by\n  ${leaks.join("\n  ")}`);
  },
};

async function leftBehind(): Promise<string[]> {
  const until = performance.now() + graceMs;
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const processes = addedProcesses(startedByThisRun(), before.processes);
    const handles = added(openHandles(), before.handles);
    if (processes.length === 0 && handles.length === 0) return [];
    if (performance.now() > until) {
      for (const { pid } of processes) signal(pid, "SIGKILL");
      return [...processes.map(({ pid, commandLine }) => `process ${pid} (${commandLine})`), ...handles];
    }
    await sleep(waitMs);
  }
}

/** One that was there before, was ended by the test and then started again, is still the suite's. */
function addedProcesses(
  now: readonly RunningProcess[],
  earlier: readonly RunningProcess[],
): readonly RunningProcess[] {
  const isIn = (list: readonly RunningProcess[], { pid }: RunningProcess) =>
    list.some((one) => one.pid === pid);
  const gone = earlier.filter((found) => !isIn(now, found)).map(({ commandLine }) => commandLine);
  return now.filter((found) => {
    if (isIn(earlier, found)) return false;
    const at = gone.indexOf(found.commandLine);
    if (at !== -1) gone.splice(at, 1);
    return at === -1;
  });
}

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => watched.has(name));
}

function added(now: readonly string[], earlier: readonly string[]): string[] {
  const left = [...earlier];
  return now.filter((name) => {
    const at = left.indexOf(name);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}
