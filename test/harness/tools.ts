import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { opensshParts } from "./wanted-programs.js";

/** Git-ignored; its content comes from `unpack-tools.ts`. */
export const toolsRoot = resolve("test/.tools");

/** What `unpack-tools.ts` leaves: by name the script to start, and the file that it starts. */
export interface ToolPaths {
  readonly stamp: string;
  readonly tools: Record<string, string>;
  readonly unwrapped: Record<string, string>;
}

export type OpensshVersion = "9.2" | "10.0";

/** Paths of one OpenSSH, each a script which finds its own libraries and helpers. */
export interface Openssh extends Readonly<Record<keyof typeof opensshParts, string>> {
  readonly version: OpensshVersion;
  /** A `SecurityKeyProvider` which signs as a hardware key does, without hardware. */
  readonly skDummy: string;
}

let known: ToolPaths | undefined;

/**
 * The path of a program or library of `wanted-programs.ts`; OpenSSH's are `ssh-9.2`, `ssh-10.0` and so on.
 *
 * @throws when it is not there: a missing tool fails, it never skips
 */
export function requireTool(name: string): string {
  return lookUp("tools", name);
}

/** The file behind the script of `requireTool`, for those that look at their own name. */
export function requireToolFile(name: string): string {
  return lookUp("unwrapped", name);
}

function lookUp(list: "tools" | "unwrapped", name: string): string {
  const path = paths()[list][name];
  if (path === undefined || !existsSync(path)) {
    throw new Error(
      `${name} is missing: name it in test/harness/wanted-programs.ts and run npm test to unpack it`,
    );
  }
  return path;
}

function paths(): ToolPaths {
  const file = join(toolsRoot, "paths.json");
  if (!existsSync(file)) throw new Error("test/.tools is not set up: `npm test` does it");
  return (known ??= JSON.parse(readFileSync(file, "utf8")) as ToolPaths);
}

/** OpenSSH in one of the two versions that the tests know. */
export function openssh(version: OpensshVersion): Openssh {
  const parts = Object.entries(opensshParts).map(([field, place]) => {
    return [field, requireTool(`${place.slice(place.lastIndexOf("/") + 1)}-${version}`)];
  });
  return {
    ...(Object.fromEntries(parts) as Record<keyof typeof opensshParts, string>),
    version,
    skDummy: requireTool(`sk-dummy-${version}`),
  };
}
