import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Identity, Policy, PolicyTarget, Role } from "../access/index.js";
import type { Config, DiskSettings, InventoryTarget } from "./config.js";
import { ConfigError } from "./config-error.js";
import { approvalsOf } from "./approvals-schema.js";
import { inOrder, mistakesOf } from "./mistakes.js";
import { contradictions } from "./contradictions.js";
import { doubts } from "./references.js";
import { policyDocument, policyHash } from "./policy-document.js";
import { configSchema, type ConfigParsers, type ParsedConfig } from "./schema.js";
import { webhooksOf } from "./webhooks.js";
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
  const from = (relative: string): string => resolve(dirname(path), relative);
  const { webhooks, mistakes } = webhooksOf(data, file, from, parsers.secretFile);
  const wrong = inOrder([...contradictions(data, file, from), ...mistakes]);
  if (wrong.length > 0) throw new ConfigError("invalid", path, wrong);
  const settings = settingsOf(data, from);
  const unnamed = policyOf(data);
  const policy = { ...unnamed, hash: policyHash(policyDocument({ ...settings, policy: unnamed })) };
  return { path, ...settings, webhooks, policy, warnings: inOrder(doubts(policy, data, file)) };
}

function decodeText(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new ConfigError("invalid", path, [{ path: "", line: 1, message: "expected UTF-8 text" }], cause);
  }
}

function settingsOf(
  parsed: ParsedConfig,
  from: (relative: string) => string,
): Omit<Config, "path" | "policy" | "webhooks" | "warnings"> {
  const { loginGrace, ...limits } = parsed.limits;
  const { lapse, ...requests } = parsed.requests;
  return {
    listen: parsed.listen,
    http: parsed.http,
    name: parsed.name,
    home: from(parsed.home),
    recordings: from(parsed.recordings),
    ...(parsed.archive !== undefined && { archive: from(parsed.archive) }),
    ...(parsed.retention !== undefined && { retention: parsed.retention }),
    disk: diskOf(parsed),
    proxies: parsed.proxies,
    inventory: byName(parsed.targets, (name, target) => inventoryTarget(name, target, from)),
    limits: { ...limits, loginGraceMs: loginGrace },
    environment: parsed.environment,
    banner: parsed.banner === "on",
    recording: {
      durabilityMs: parsed.recording.durability,
      index: parsed.recording.index,
      sealTo: new Map(Object.entries(parsed.recording.sealTo)),
      sealApartTo: new Map(Object.entries(parsed.recording.sealApartTo ?? parsed.recording.sealTo)),
      isApartToOthers: parsed.recording.sealApartTo !== undefined,
    },
    requests: { ...requests, lapseMs: lapse },
    whenTightened: parsed.whenTightened,
    tokens: { lifeMs: parsed.tokens.life },
    witnesses: byName(parsed.witnesses, (name, witness) => ({ name, ...witness })),
    rekey: { bytes: parsed.rekey.bytes, everyMs: parsed.rekey.every },
    noticesMs: [...new Set(parsed.notices)].sort((a, b) => b - a),
  };
}

function diskOf({ disk }: ParsedConfig): DiskSettings {
  const { reserve, ballast, ...marks } = disk;
  return { ...marks, reserveBytes: reserve, ballastBytes: ballast };
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

function policyOf(parsed: ParsedConfig): Omit<Policy, "hash"> {
  const { identities, targets, roles, admins, auditors, redactors, unsealers } = parsed;
  return {
    identities: byName(identities, (name, { groups, keys, oidc }): Identity => ({
      name,
      groups,
      keys,
      workloads: oidc,
    })),
    targets: byName(targets, (name, { labels, logins }): PolicyTarget => ({ name, labels, logins })),
    roles: byName(roles, (name, role) => roleOf(name, role, parsed)),
    admins,
    auditors,
    redactors,
    unsealers,
  };
}

function roleOf(name: string, parsed: ParsedConfig["roles"][string], whole: ParsedConfig): Role {
  const { maxDuration, selfExtension, ticket, sourceAddresses, approvals, breakGlass, ...other } = parsed;
  const { retention = whole.retention, index = whole.recording.index, ...role } = other;
  return {
    ...role,
    name,
    approvals: approvalsOf(approvals),
    breakGlass: breakGlass === "allowed",
    maxDurationMs: maxDuration,
    index,
    ...(retention !== undefined && { retention }),
    ...(selfExtension !== undefined && { selfExtensionMs: selfExtension }),
    ...(ticket !== undefined && { ticket }),
    ...(sourceAddresses !== undefined && { sourceAddresses }),
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
