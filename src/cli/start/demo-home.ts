import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeHome, type HomePaths } from "../../home/index.js";
import { CONFIG_NAME } from "../config-name.js";
import { readConfig } from "../read-config.js";
import { EXIT } from "../../commands/index.js";
import { DemoTargetError, startDemoTarget, type DemoTargetProcess } from "../../demo/index.js";
import { CliError } from "../cli-error.js";
import { configText } from "../init/config-text.js";
import { makeAuditorKeys, makeAuthorities } from "../init/make-keys.js";
import { demoAccess } from "./demo-config.js";
import { bareLine, DEMO_GUEST, DEMO_LOGINS, DEMO_TARGET, demoFiles, makeDemoKeys } from "./demo-files.js";

export interface DemoHomeWish {
  readonly home: string;
  /** For a configuration that is made now. */
  readonly listen: string;
  readonly recordings: string;
  /** More YAML for a configuration that is made now. */
  readonly extra?: string;
}

/** A home with a configuration, and the demo target of it, running. */
export interface DemoHome {
  readonly configPath: string;
  readonly paths: HomePaths;
  /** None when the configuration knows no such target any more. */
  readonly target: DemoTargetProcess | undefined;
}

/** Opens the demo's home, or makes it, and starts its target. Throws CliError in one line. */
export async function openDemoHome(wish: DemoHomeWish): Promise<DemoHome> {
  const configPath = join(wish.home, CONFIG_NAME);
  return existsSync(configPath) ? reopen(wish, configPath) : make(wish, configPath);
}

async function make(
  { home, listen, recordings, extra = "" }: DemoHomeWish,
  configPath: string,
): Promise<DemoHome> {
  const paths = makeAuthorities(home);
  const auditors = makeAuditorKeys(paths);
  const files = demoFiles(paths);
  makeDemoKeys(files);
  const target = await startTarget(paths, 0);
  const access = demoAccess(files, target.port) + extra;
  writeFileSync(configPath, configText({ listen, recordings, auditors, access }), {
    mode: 0o600,
    flag: "wx",
  });
  return { configPath, paths, target };
}

async function reopen({ home }: DemoHomeWish, configPath: string): Promise<DemoHome> {
  const paths = makeHome(home);
  const { inventory } = await readConfig(configPath);
  const known = inventory.get(DEMO_TARGET);
  const files = demoFiles(paths);
  const isOurs =
    known !== undefined && existsSync(files.hostKey) && known.hostKeys.includes(bareLine(files.hostKey));
  return { configPath, paths, target: isOurs ? await startTarget(paths, known.address.port) : undefined };
}

async function startTarget(paths: HomePaths, port: number): Promise<DemoTargetProcess> {
  const { hostKey, homes } = demoFiles(paths);
  try {
    return await startDemoTarget({
      ...{ listenHost: "127.0.0.1", port, homes, logins: [...DEMO_LOGINS, DEMO_GUEST] },
      hostKey: readFileSync(hostKey, "utf8"),
      trustedUserCa: readFileSync(join(paths.keys, "target-ca.pub"), "utf8").trim(),
    });
  } catch (error) {
    if (!(error instanceof DemoTargetError)) throw error;
    const taken = error.code === "EADDRINUSE" ? `port ${port} is taken` : error.message;
    throw new CliError(EXIT.failed, `the demo target cannot start: ${taken}`);
  }
}
