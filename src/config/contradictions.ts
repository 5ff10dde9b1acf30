import { formatDuration } from "../wording/index.js";
import type { Retention, Workload } from "../access/index.js";
import type { ConfigMistake } from "./config.js";
import { mistakeAt } from "./mistakes.js";
import type { ParsedConfig } from "./schema.js";
import type { ValuePath, YamlFile } from "./yaml-file.js";

/** What no single value shows: two places of the file that cannot both be meant. */
export function contradictions(
  parsed: ParsedConfig,
  file: YamlFile,
  from: (relative: string) => string,
): readonly ConfigMistake[] {
  return [
    ...duplicateKeys(parsed, file),
    ...ambiguousWorkloads(parsed, file),
    ...longSelfExtensions(parsed, file),
    ...shortRetentions(parsed, file),
    ...archiveAtHand(parsed, file, from),
    ...lowMarks(parsed, file),
  ];
}

/** One key that stands for two identities: whoever holds it would be either. */
function duplicateKeys(parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  const holders = new Map<string, string>();
  const mistakes: ConfigMistake[] = [];
  for (const [name, { keys }] of Object.entries(parsed.identities)) {
    for (const [position, { fingerprint }] of keys.entries()) {
      const holder = holders.get(fingerprint);
      holders.set(fingerprint, holder ?? name);
      if (holder === undefined) continue;
      const message = `expected a key of its own; identities.${holder} has the same one`;
      mistakes.push(mistakeAt(["identities", name, "keys", position], message, file));
    }
  }
  return mistakes;
}

/** Two identities that one token could be: nothing that they demand of it tells them apart. */
function ambiguousWorkloads(parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  const byIssuer = new Map<string, { readonly name: string; readonly workload: Workload }[]>();
  const mistakes: ConfigMistake[] = [];
  for (const [name, { oidc }] of Object.entries(parsed.identities)) {
    for (const [position, workload] of oidc.entries()) {
      const key = JSON.stringify([workload.issuer, workload.audience]);
      const others = byIssuer.get(key) ?? [];
      const other = others.find((one) => one.name !== name && couldBeOneToken(one.workload, workload));
      byIssuer.set(key, [...others, { name, workload }]);
      if (other === undefined) continue;
      const message = `one token could be this identity and identities.${other.name}; expected a claim with a different value in each`;
      mistakes.push(mistakeAt(["identities", name, "oidc", position, "claims"], message, file));
    }
  }
  return mistakes;
}

function couldBeOneToken(a: Workload, b: Workload): boolean {
  return Object.entries(a.claims).every(
    ([claim, value]) => !Object.hasOwn(b.claims, claim) || b.claims[claim] === value,
  );
}

/** An extension never gives more than the role does, so a longer one is not meant. */
function longSelfExtensions(parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  return Object.entries(parsed.roles).flatMap(([name, { selfExtension, maxDuration }]) => {
    if (selfExtension === undefined || selfExtension <= maxDuration) return [];
    const message = `expected at most the role's maxDuration, ${formatDuration(maxDuration)}`;
    return [mistakeAt(["roles", name, "selfExtension"], message, file)];
  });
}

/** What is deleted sooner than it would leave for the archive. */
function shortRetentions(parsed: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  const all: (readonly [ValuePath, Retention | undefined])[] = [[["retention"], parsed.retention]];
  for (const [name, { retention }] of Object.entries(parsed.roles))
    all.push([["roles", name, "retention"], retention]);
  return all.flatMap(([path, { atHandMs = 0, keepMs = Infinity } = {}]) => {
    if (atHandMs < keepMs) return [];
    return [mistakeAt([...path, "atHand"], `expected less than keep, ${formatDuration(keepMs)}`, file)];
  });
}

/** What leaves for the archive would be copied onto itself, and then removed. */
function archiveAtHand(
  { recordings, archive }: ParsedConfig,
  file: YamlFile,
  from: (relative: string) => string,
): readonly ConfigMistake[] {
  if (archive === undefined || from(archive) !== from(recordings)) return [];
  return [mistakeAt(["archive"], "expected another folder than recordings", file)];
}

/** A disk that is full before it is low; on no size of disk is that meant. */
function lowMarks({ disk }: ParsedConfig, file: YamlFile): readonly ConfigMistake[] {
  const isTooLow = (["bytes", "percent"] as const).some(
    (unit) => (disk.warnBelow[unit] ?? Infinity) < (disk.fullBelow[unit] ?? 0),
  );
  return isTooLow ? [mistakeAt(["disk", "warnBelow"], "expected at least fullBelow", file)] : [];
}
