import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { homePaths, type HomePaths } from "../home/index.js";
import { EXIT } from "../commands/index.js";
import { CliError } from "./cli-error.js";

/** What the command line and the environment say of where the bastion's home is. */
export interface HomeHints {
  readonly home?: string;
  readonly config?: string;
}

/** The home that `npm start` makes. */
export const DEFAULT_HOME = "var";

/**
 * The home of the bastion that is meant: `--home`, the one that `--config` names, `BASCULE_HOME`, or `./var` if there is
 * one. Throws CliError, ConfigError.
 */
export async function findHome({ home, config }: HomeHints): Promise<HomePaths> {
  if (home !== undefined) return homePaths(resolve(home));
  if (config !== undefined) {
    const { readConfig } = await import("./read-config.js");
    return homePaths((await readConfig(config)).home);
  }
  const named = process.env["BASCULE_HOME"];
  if (named !== undefined && named !== "") return homePaths(resolve(named));
  if (isHome(DEFAULT_HOME)) return homePaths(resolve(DEFAULT_HOME));
  throw new CliError(
    EXIT.usage,
    "which bastion? There is no ./var here",
    "say --home DIR, or set BASCULE_HOME",
  );
}

/** Throws CliError `notPermitted` for one that is somebody else's: to say that there is none would be wrong. */
function isHome(folder: string): boolean {
  try {
    return statSync(join(folder, "keys"), { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    const owner = statSync(folder).uid;
    throw new CliError(
      EXIT.notPermitted,
      `${resolve(folder)} is the home of user ${owner}, and closed to you (${process.getuid?.() ?? "?"})`,
      "be that user, or say another: --home DIR, or BASCULE_HOME",
    );
  }
}
