import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { DemoTargetOptions } from "./demo-target.js";
import type { DemoTargetAnswer } from "./process.js";

/** The demo target did not start; `code` is the system's, such as `EADDRINUSE`. */
export class DemoTargetError extends Error {
  override readonly name = "DemoTargetError";
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

export interface DemoTargetProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process has ended, asked or not. */
  readonly ended: Promise<void>;
  /** Ends it, with all connections to it. */
  close(): Promise<void>;
}

/** After being asked to end, how long the process may take before it is killed. */
const killAfterMs = 5_000;
/** What the demo target's programs may see of our own environment. */
const inheritedVariables = ["PATH", "HOME", "LANG", "TZ"];

/**
 * Starts the demo target in a process of its own, which has none of our descriptors and ends with us. What it or Node
 * says there comes line by line to `log`, and nowhere without one.
 *
 * @throws {DemoTargetError} when it cannot start
 */
export async function startDemoTarget({ log, ...options }: DemoTargetOptions): Promise<DemoTargetProcess> {
  const env = Object.fromEntries(inheritedVariables.map((name) => [name, process.env[name]]));
  const program = fileURLToPath(new URL("./process.js", import.meta.url));
  const child = spawn(process.execPath, [program], { env, stdio: "pipe" });
  const ended = once(child, "exit").then(() => undefined);
  createInterface({ input: child.stderr }).on("line", (line) => log?.(line));
  child.stdin.on("error", () => undefined); // It has ended: `ended` tells.
  child.stdin.write(`${JSON.stringify(options)}\n`);
  const lines = createInterface({ input: child.stdout });
  const answer = await Promise.race([once(lines, "line") as Promise<string[]>, ended]);
  const said = JSON.parse(answer?.[0] ?? '{"error":"its process ended"}') as DemoTargetAnswer;
  if ("error" in said || child.pid === undefined) {
    child.stdin.end();
    throw "error" in said
      ? new DemoTargetError(said.error, said.code)
      : new DemoTargetError("it has no process");
  }
  const close = async () => {
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    await ended;
    clearTimeout(timer);
  };
  return { pid: child.pid, port: said.port, ended, close };
}
