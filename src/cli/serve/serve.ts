import { formatHostPort } from "../../wording/index.js";
import { makeHome, checkHome, hasHome, homePaths } from "../../home/index.js";
import { readConfig } from "../read-config.js";
import { EXIT } from "../../commands/index.js";
import { CliError } from "../cli-error.js";
import { bindListeningSocket } from "./listening-socket.js";
import { Supervisor } from "./supervisor.js";

/** A running bastion. */
export interface ServingBastion {
  /** Where it listens, the port it really has. */
  readonly listen: { readonly host: string; readonly port: number };
  readonly supervisor: Supervisor;
}

/** Starts the bastion of a configuration. Throws CliError or ConfigError, for one clear line. */
export async function startServing(configPath: string): Promise<ServingBastion> {
  const config = await readConfig(configPath);
  if (!hasHome(homePaths(config.home)))
    throw new CliError(
      EXIT.failed,
      `no keys in ${config.home}`,
      "make them: bascule init, or bascule ca init",
    );
  makeHome(config.home);
  checkHome(config.home);
  const socket = await bindListeningSocket(config);
  const { host, port } = socket;
  const supervisor = await Supervisor.start(config, socket);
  return { listen: { host, port }, supervisor };
}

/** Serves until SIGINT or SIGTERM; SIGHUP reads the configuration again. Gives the exit status. */
export async function serve(configPath: string, say: (line: string) => void): Promise<number> {
  const asked = stopSignals();
  const { listen, supervisor } = await startServing(configPath);
  process.on("SIGHUP", () => supervisor.reload());
  if (supervisor.http) say(`bascule: commands over HTTP on http://${formatHostPort(supervisor.http)}`);
  say(`bascule: serving on ${formatHostPort(listen)}; stop with Ctrl-C`);
  await asked;
  say("bascule: stopping");
  await supervisor.stop();
  return EXIT.done;
}

/** Resolves at the first SIGINT or SIGTERM; further ones are not heard while everything ends in order. */
export function stopSignals(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => resolve(name));
  });
}
