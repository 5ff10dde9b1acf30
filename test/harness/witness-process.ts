import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { program } from "./bastion.js";
import { closeAfterwards } from "./closing.js";
import { programEnvironment, runProgram } from "./run-program.js";

/** A real witness in a process of its own, that can be ended and started again on its port. */
export interface WitnessProcess {
  readonly verifierKey: string;
  readonly url: string;
  readonly state: string;
  /** What it said on stderr. */
  log(): string;
  start(): Promise<void>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Makes its key in `folder` and starts it for the log with that verifier key. */
export async function startWitnessProcess(
  folder: string,
  name: string,
  log: string,
): Promise<WitnessProcess> {
  const key = join(folder, `${name}.key`);
  const made = await runProgram(process.execPath, [program, "witness", "key", key, "--name", name]);
  if (made.status !== 0) throw new Error(`bascule witness key: ${made.stderr}`);
  // Known beforehand, so that one that is started again is the same process to who looks for those left behind.
  const port = await freePort();
  const witness = new Running(port, key, join(folder, `${name}.state`), log, made.stdout.toString().trim());
  await witness.start();
  return witness;
}

class Running implements WitnessProcess {
  readonly #key: string;
  readonly #ledger: string;
  readonly state: string;
  readonly verifierKey: string;
  readonly #port: number;
  #child: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #said = "";

  constructor(port: number, key: string, state: string, ledger: string, verifierKey: string) {
    this.#port = port;
    this.#key = key;
    this.state = state;
    this.#ledger = ledger;
    this.verifierKey = verifierKey;
    closeAfterwards(() => this.stop("SIGKILL"));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  log(): string {
    return this.#said;
  }

  async start(): Promise<void> {
    const args = ["--key", this.#key, "--state", this.state, "--log", this.#ledger];
    const listen = ["--listen", `127.0.0.1:${this.#port}`];
    const child = spawn(process.execPath, [program, "witness", ...args, ...listen], {
      env: programEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#gone = new Promise((gone) => child.once("close", gone));
    child.stderr.on("data", (chunk: Buffer) => (this.#said += chunk.toString()));
    await new Promise<void>((started, failed) => {
      let own = "";
      child.stdout.on("data", (chunk: Buffer) => {
        own += chunk.toString();
        if (own.includes("serving on")) started();
      });
      child.once("close", () => failed(new Error(`the witness ended: ${this.#said}`)));
    });
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#child?.kill(signal);
    await this.#gone;
    this.#child = undefined;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
