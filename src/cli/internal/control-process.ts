import { Console } from "node:console";
import { join } from "node:path";
import { makeHome } from "../../home/index.js";
import { readConfig } from "../read-config.js";
import { Control, type Config } from "../../control/index.js";
import { loadServing } from "../../commands/index.js";
import { explain } from "../cli-error.js";
import { openLog } from "../log.js";
import { programVersion } from "../version.js";
import { openHttp } from "./open-http.js";
import { takeOrder, type ControlOrder, type ControlWord } from "./child-orders.js";

/** The control process, from its order to its end; gives the exit status. */
export async function runControlProcess(): Promise<number> {
  // Stdout has words for the supervisor on it; what a package may want to say is for stderr.
  globalThis.console = new Console(process.stderr, process.stderr);
  process.on("SIGINT", () => undefined); // a terminal's Ctrl-C is for the supervisor
  const reloads = new SignalQueue("SIGHUP");
  const stopped = new Promise<void>((resolve) => process.on("SIGTERM", () => resolve()));
  try {
    const { order, orphaned } = await takeOrder<ControlOrder>();
    return await serve(order, orphaned, stopped, reloads);
  } catch (error) {
    const { exit, lines } = explain(error);
    say({ failed: lines, exit });
    return exit;
  }
}

async function serve(
  { config: path, token, listen, http: before }: ControlOrder,
  orphaned: AbortSignal,
  stopped: Promise<void>,
  reloads: SignalQueue,
): Promise<number> {
  const config: Config = { ...(await readConfig(path)), listen };
  const paths = makeHome(config.home);
  const log = openLog(join(paths.log, "bascule.log"), "control");
  const onFailure = (error: unknown) => {
    log.error({ error: String(error) }, "the ledger takes nothing more; control ends");
    process.exit(1); // nothing in memory is to be trusted now; the supervisor starts us anew
  };
  const onProxy = (name: string) => say({ proxy: name });
  const door = await openHttp(config.http, before, log);
  const http = door && { host: door.host, port: door.port };
  const own = { config, version: programVersion(), token, log, ...(http && { http }) };
  const control = await Control.open({ ...own, onFailure, onProxy }).catch(async (error: unknown) => {
    await door?.close();
    throw error;
  });
  const { openCommandServer, sshRunner } = await loadServing();
  const server = await openCommandServer(control);
  control.serveCommands(sshRunner(control));
  door?.serve(control);
  reloads.handle(() => reload(control, path));
  say({ ready: true, ...(http && { http }) });
  log.info({ home: config.home, policy: config.policy.hash }, "control ready");
  const gone = new Promise<void>((resolve) => orphaned.addEventListener("abort", () => resolve()));
  await Promise.race([stopped, gone.then(() => log.warn({}, "the supervisor is gone"))]);
  await Promise.all([server.close(), door?.close()]);
  // Without a supervisor the proxies let their sessions reach their end, and so nobody is told to end them now.
  await (orphaned.aborted ? control.abandon() : control.close());
  log.info({}, "control stopped");
  return 0;
}

/** All or nothing: a configuration with a mistake changes nothing, and every mistake is said. */
async function reload(control: Control, path: string): Promise<void> {
  try {
    const { restart, cut } = await control.useConfig(await readConfig(path));
    control.log.info({ policy: control.policy.hash, cut: cut.length }, "configuration loaded");
    if (restart.length > 0)
      control.log.warn({ settings: restart }, "these settings change with a restart only");
  } catch (error) {
    for (const line of explain(error).lines) control.log.error({ line }, "configuration not loaded");
  }
}

function say(word: ControlWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

/** Signals that came before anybody could act on them are not lost, and what they start does not overlap. */
class SignalQueue {
  #wanted = false;
  #handler: (() => Promise<void>) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(signal: NodeJS.Signals) {
    process.on(signal, () => {
      if (this.#handler) this.#enqueue(this.#handler);
      else this.#wanted = true;
    });
  }

  handle(handler: () => Promise<void>): void {
    this.#handler = handler;
    if (this.#wanted) this.#enqueue(handler);
  }

  #enqueue(handler: () => Promise<void>): void {
    this.#running = this.#running.then(handler);
  }
}
