import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { homePaths, type HomePaths } from "../../home/index.js";
import type { Config, ControlLog } from "../../control/index.js";
import { CliError } from "../cli-error.js";
import type { ControlOrder, ControlWord, ProxyOrder } from "../internal/child-orders.js";
import { openLog } from "../log.js";
import { childEnvironment } from "./child-environment.js";
import { KeptProcess } from "./kept-process.js";
import type { ListeningSocket } from "./listening-socket.js";
import { PROXY_FLAGS } from "./proxy-flags.js";
import { proxyToken } from "./proxy-token.js";

/** Longer than control gives its proxies to end their sessions. */
const CONTROL_STOPS_WITHIN_MS = 10_000;
const PROXY_STOPS_WITHIN_MS = 6000;
/** How long the proxies may take to be linked at the first start. */
const READY_WITHIN_MS = 15_000;

const program = fileURLToPath(new URL("../../main.js", import.meta.url));

/**
 * Keeps one control process and N proxies running. Holds the listening socket and no key, and parses nothing that comes
 * from outside.
 */
export class Supervisor {
  readonly #config: Config;
  readonly #socket: ListeningSocket;
  readonly #paths: HomePaths;
  readonly #log: ControlLog;
  readonly #token: string;
  readonly #linked = new Set<string>();
  #control: KeptProcess | undefined;
  /** Where control served HTTP at its first start. */
  #http: ControlOrder["http"];
  #proxies: KeptProcess[] = [];
  #onWord: (word: ControlWord) => void = () => undefined;
  #stopping: Promise<void> | undefined;

  private constructor(config: Config, socket: ListeningSocket) {
    this.#config = config;
    this.#socket = socket;
    this.#paths = homePaths(config.home);
    this.#token = proxyToken(config.home);
    this.#log = openLog(join(this.#paths.log, "bascule.log"), "supervisor");
  }

  /** Resolves when every proxy is linked and accepts. Rejects with CliError when control cannot begin. */
  static async start(config: Config, socket: ListeningSocket): Promise<Supervisor> {
    const supervisor = new Supervisor(config, socket);
    try {
      await supervisor.#startControl();
      await supervisor.#startProxies();
      return supervisor;
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
  }

  /** Process ids, for tests and `doctor`. */
  get pids(): { readonly control: number | undefined; readonly proxies: readonly (number | undefined)[] } {
    return { control: this.#control?.pid, proxies: this.#proxies.map(({ pid }) => pid) };
  }

  /** Where commands are served over HTTP, the port it really has; undefined when they are not. */
  get http(): ControlOrder["http"] {
    return this.#http;
  }

  /** Has control read the configuration again. */
  reload(): void {
    this.#control?.signal("SIGHUP");
  }

  /** Control first, which tells the proxies to end their sessions; then what is left; then the socket. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const proxies = this.#proxies.map((proxy) =>
      proxy.stop(undefined, CONTROL_STOPS_WITHIN_MS + PROXY_STOPS_WITHIN_MS),
    );
    await this.#control?.stop("SIGTERM", CONTROL_STOPS_WITHIN_MS);
    const late = setTimeout(() => {
      for (const proxy of this.#proxies) proxy.signal("SIGKILL");
    }, PROXY_STOPS_WITHIN_MS);
    await Promise.all(proxies);
    clearTimeout(late);
    this.#socket.close();
    this.#log.info({}, "supervisor stopped");
  }

  #startControl(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onWord = (word) => {
        if ("ready" in word) {
          this.#http = word.http;
          resolve();
        }
        if ("failed" in word) reject(failure(word));
      };
      this.#control = new KeptProcess(() => this.#spawnControl(), {
        onFallen: (how, againInMs) => {
          this.#log.error({ how, againInMs }, "control process ended; it is started again");
          reject(new CliError(1, `the control process ended at its start (${how})`));
        },
      });
    });
  }

  #startProxies(): Promise<void> {
    const { proxies } = this.#config;
    const count = proxies === "cores" ? availableParallelism() : proxies;
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new CliError(1, "the proxies did not start in time")),
        READY_WITHIN_MS,
      );
      this.#onWord = (word) => {
        if ("failed" in word)
          for (const line of word.failed) this.#log.error({ line }, "control cannot begin");
        if (!("proxy" in word)) return;
        this.#linked.add(word.proxy);
        if (this.#linked.size < count) return;
        clearTimeout(late);
        resolve();
      };
      for (let number = 1; number <= count; number += 1) this.#proxies.push(this.#keepProxy(number));
    });
  }

  #keepProxy(number: number): KeptProcess {
    return new KeptProcess(() => this.#spawnProxy(number), {
      onFallen: (how, againInMs) =>
        this.#log.error({ proxy: number, how, againInMs }, "proxy process ended; it is started again"),
    });
  }

  #spawnControl(): ChildProcess {
    const { host, port } = this.#socket;
    const http = this.#http && { http: this.#http };
    const own = { config: this.#config.path, token: this.#token };
    const order: ControlOrder = { ...own, listen: { host, port }, ...http };
    const child = start("control", order, ["pipe", "pipe", "inherit"]);
    if (child.stdout)
      createInterface({ input: child.stdout }).on("line", (line) =>
        this.#onWord(JSON.parse(line) as ControlWord),
      );
    return child;
  }

  /** A name of its own for each process, so that what a dead one carried is never taken for a living one's. */
  #spawnProxy(number: number): ChildProcess {
    const name = `p${number}-${randomBytes(4).toString("hex")}`;
    const log = join(this.#paths.log, "bascule.log");
    const order: ProxyOrder = { socket: this.#paths.proxySocket, token: this.#token, name, log };
    return start("proxy", order, ["pipe", "inherit", "inherit", this.#socket.fd]);
  }
}

/** The same program again, with the descriptors named and no others, and hardly any environment. */
function start(role: "control" | "proxy", order: object, stdio: StdioOptions): ChildProcess {
  const flags = role === "proxy" ? PROXY_FLAGS : [];
  const args = [...process.execArgv, ...flags, program, "internal", role];
  const child = spawn(process.execPath, args, { stdio, env: childEnvironment(process.env) });
  child.stdin?.on("error", () => undefined); // it ended: its exit is told apart
  child.stdin?.write(`${JSON.stringify(order)}\n`);
  return child;
}

function failure({ failed, exit }: Extract<ControlWord, { failed: unknown }>): CliError {
  return new CliError(exit, failed.map((line) => line.replace(/^bascule: /u, "")).join("\n"));
}
