import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How soon a child that ended is started again; doubled each time, until it has stayed up for a while. Half a second is an age for who waits. */
const BACKOFF_MIN_MS = 100;
const BACKOFF_MAX_MS = 500;
const STAYED_UP_MS = 30_000;

export interface KeptProcessEvents {
  /** A child ended that nobody had asked to; it will be started again in `againInMs`. */
  onFallen(how: string, againInMs: number): void;
}

/** One child process that is started again when it ends, until it is told to stop. */
export class KeptProcess {
  readonly #start: () => ChildProcess;
  readonly #events: KeptProcessEvents;
  #child: ChildProcess | undefined;
  #backoffMs = BACKOFF_MIN_MS;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(start: () => ChildProcess, events: KeptProcessEvents) {
    this.#start = start;
    this.#events = events;
    this.#run();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** No more restarts; resolves when the child that there is has ended. After `killAfterMs` it is killed. */
  async stop(signal: NodeJS.Signals | undefined, killAfterMs: number): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined || !isRunning(child)) return;
    const ended = once(child, "exit");
    if (signal !== undefined) child.kill(signal);
    const killer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    await ended;
    clearTimeout(killer);
  }

  #run(): void {
    const startedMs = performance.now();
    const child = this.#start();
    this.#child = child;
    child.on("error", () => this.#onEnd(child, startedMs, "could not be started"));
    child.on("exit", (status, signal) => this.#onEnd(child, startedMs, signal ?? `exit ${status ?? "?"}`));
  }

  #onEnd(child: ChildProcess, startedMs: number, how: string): void {
    if (this.#isStopping || child !== this.#child) return;
    this.#child = undefined;
    if (performance.now() - startedMs > STAYED_UP_MS) this.#backoffMs = BACKOFF_MIN_MS;
    this.#events.onFallen(how, this.#backoffMs);
    this.#timer = setTimeout(() => this.#run(), this.#backoffMs);
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
