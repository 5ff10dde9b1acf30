import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Identity, Policy, PolicyTarget, Role } from "../access/index.js";
import type { Config, InventoryTarget } from "./config.js";
import { ConfigError } from "./config-error.js";
import { configDigest } from "./digest.js";
import { inOrder, mistakesOf } from "./mistakes.js";
import { doubts, duplicateKeys } from "./references.js";
import { configSchema, type ConfigParsers, type ParsedConfig } from "./schema.js";
import { readYaml } from "./yaml-file.js";

/** Some 10,000 targets; a file past this was not written for us. */
const CONFIG_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Reads and checks the configuration file at `path`. Relative paths in it start from its own folder. Throws ConfigError:
 * `unreadable`, or `invalid` with every mistake that was found.
 */
export async function loadConfig(path: string, parsers: ConfigParsers): Promise<Config> {
  const absolute = resolve(path);
  const bytes = await readFile(absolute).catch((cause: unknown) => {
    throw unreadable(path, "cannot be read", cause);
  });
  if (bytes.length > CONFIG_BYTES_MAX) throw unreadable(path, `expected at most ${CONFIG_BYTES_MAX} bytes`);
  return parseConfig(bytes, absolute, parsers);
}

/** The same for the bytes of a file that would be at `path` (absolute). Throws ConfigError `invalid`. */
export function parseConfig(bytes: Uint8Array, path: string, parsers: ConfigParsers): Config {
  const file = readYaml(decodeText(bytes, path));
  if (!("lineOf" in file)) throw new ConfigError("invalid", path, inOrder(file));
  const { success, data, error } = configSchema(parsers).safeParse(file.value);
  if (!success) throw new ConfigError("invalid", path, mistakesOf(error.issues, file));
  const duplicates = duplicateKeys(data, file);
  if (duplicates.length > 0) throw new ConfigError("invalid", path, duplicates);
  const policy = policyOf(data, configDigest(bytes));
  return { ...settingsOf(data, path), policy, warnings: inOrder(doubts(policy, file)) };
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError("invalid", path, [{ path: "", line: 1, message: "expected UTF-8 text" }], cause);
  }
}

function settingsOf(parsed: ParsedConfig, path: string): Omit<Config, "policy" | "warnings"> {
  const { loginGrace, ...limits } = parsed.limits;
  const from = (relative: string): string => resolve(dirname(path), relative);
  return {
    path,
    listen: parsed.listen,
    http: parsed.http,
    name: parsed.name,
    home: from(parsed.home),
    recordings: from(parsed.recordings),
    proxies: parsed.proxies,
    inventory: byName(parsed.targets, (name, target) => inventoryTarget(name, target, from)),
    limits: { ...limits, loginGraceMs: loginGrace },
    environment: parsed.environment,
    banner: parsed.banner === "on",
    recording: {
      durabilityMs: parsed.recording.durability,
      sealTo: new Map(Object.entries(parsed.recording.sealTo)),
    },
    rekey: { bytes: parsed.rekey.bytes, everyMs: parsed.rekey.every },
    noticesMs: [...new Set(parsed.notices)].sort((a, b) => b - a),
  };
}

function inventoryTarget(
  name: string,
  target: ParsedConfig["targets"][string],
  from: (relative: string) => string,
): InventoryTarget {
  const { address, labels, logins, login, hostCA, sourceAddresses } = target;
  return {
    ...{ name, address, labels, logins },
    hostKeys: (target.hostKeys ?? []).map(({ line }) => line),
    login: login === "certificate" ? { kind: "certificate" } : { kind: "key", path: from(login.key) },
    ...(hostCA !== undefined && { hostCA: hostCA.line }),
    ...(sourceAddresses !== undefined && { sourceAddresses }),
  };
}

function policyOf({ identities, targets, roles, admins, auditors }: ParsedConfig, hash: string): Policy {
  return {
    hash,
    identities: byName(identities, (name, { groups, keys }): Identity => ({ name, groups, keys, workloads: [] })),
    targets: byName(targets, (name, { labels, logins }): PolicyTarget => ({ name, labels, logins })),
    roles: byName(roles, (name, { maxDuration, ticket, sourceAddresses, approvals, ...role }): Role => ({
      ...role,
      name,
      approvals:
        approvals.count === 0
          ? { kind: "automatic" }
          : { kind: "all-of", quorums: [approvals], signed: false, presence: false },
      breakGlass: false,
      maxDurationMs: maxDuration,
      ...(ticket !== undefined && { ticket }),
      ...(sourceAddresses !== undefined && { sourceAddresses }),
    })),
    admins,
    auditors,
  };
}

function byName<T, U>(
  values: Readonly<Record<string, T>>,
  make: (name: string, value: T) => U,
): ReadonlyMap<string, U> {
  return new Map(Object.entries(values).map(([name, value]) => [name, make(name, value)]));
}

function unreadable(path: string, message: string, cause?: unknown): ConfigError {
  return new ConfigError("unreadable", path, [{ path: "", line: 1, message }], cause);
}
