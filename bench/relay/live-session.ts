import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { closeAfterwards } from "../../test/harness/closing.js";
import { endProcessTree } from "../../test/harness/processes.js";
import { programEnvironment } from "../../test/harness/run-program.js";

const readyWithinMs = 60_000;

/** A client that stays connected: what it is told goes to its stdin, what it says is heard as it comes. */
export class LiveSession {
  readonly #child: ChildProcessWithoutNullStreams;
  #onOutput: (chunk: Buffer) => void = () => undefined;
  /** Resolves when it has ended, to the time of that moment. */
  readonly ended: Promise<number>;

  private constructor(file: string, args: readonly string[]) {
    const child = spawn(file, args, { env: programEnvironment() });
    this.#child = child;
    this.ended = new Promise((resolve) => child.once("exit", () => resolve(performance.now())));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => this.#onOutput(chunk));
    child.stdin.on("error", () => undefined); // it has ended: `ended` says so
    closeAfterwards(() => this.close());
  }

  /** Starts it, types `opening` and waits until it says `wanted`. Rejects with what it said instead. */
  static async open(
    file: string,
    args: readonly string[],
    opening = "",
    wanted = "ready",
  ): Promise<LiveSession> {
    const session = new LiveSession(file, args);
    let said = "";
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`${file} ${args.join(" ")} did not come up: ${said}`));
      const late = setTimeout(fail, readyWithinMs);
      void session.ended.then(fail);
      session.#onOutput = (chunk) => {
        said += chunk.toString();
        if (!said.includes(wanted)) return;
        clearTimeout(late);
        resolve();
      };
      session.type(opening);
    });
    return session;
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Types one character and gives the milliseconds until something came back. */
  echo(): Promise<number> {
    return new Promise((resolve) => {
      const beforeMs = performance.now();
      this.#onOutput = () => resolve(performance.now() - beforeMs);
      this.type("x");
    });
  }

  async close(): Promise<void> {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid !== undefined && exitCode === null && signalCode === null) await endProcessTree(pid);
  }
}
