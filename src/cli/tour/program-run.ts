import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { TourError } from "./report.js";

export interface ProgramRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** No program of the tour takes longer. */
const PROGRAM_MS = 60_000;
const bascule = fileURLToPath(new URL("../../main.js", import.meta.url));

/** Runs a program without a terminal and waits for its end. Throws TourError when there is no such program. */
export function runProgram(file: string, args: readonly string[], cwd: string): Promise<ProgramRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: PROGRAM_MS });
    const texts = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
    child.on("error", () =>
      reject(new TourError(`the tour needs ${file}; on Debian: apt-get install openssh-client`)),
    );
    child.on("close", (status) => resolve({ status, ...texts }));
  });
}

/** Runs this very program. */
export function runBascule(args: readonly string[], cwd: string): Promise<ProgramRun> {
  return runProgram(process.execPath, [...process.execArgv, bascule, ...args], cwd);
}
