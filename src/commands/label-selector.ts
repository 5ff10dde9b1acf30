import { askableTargets, GRANT_NAMES_MAX, type Policy } from "../access/index.js";
import { CommandError, usage } from "./command-error.js";

/** Labels that a target must have, all of them. */
export type LabelSelector = ReadonlyMap<string, string>;

/** Labels that one selector may name. */
const LABELS_MAX = 8;
const LABEL = /^([A-Za-z0-9][A-Za-z0-9._/-]{0,62})=([A-Za-z0-9._/-]{1,63})$/u;

/** Takes `env=prod,team=db` apart. Throws CommandError `usage`. */
export function parseLabelSelector(text: string, argument: string): LabelSelector {
  const pairs = text.split(",").map((pair) => LABEL.exec(pair));
  const labels = new Map<string, string>();
  for (const pair of pairs) {
    const [, label, value] = pair ?? [];
    if (label === undefined || value === undefined || labels.has(label) || pairs.length > LABELS_MAX)
      throw usage(argument, "labels such as env=prod,team=db");
    labels.set(label, value);
  }
  return labels;
}

/**
 * The targets with these labels that an identity may ask for with every one of these logins. Throws CommandError: `notFound`
 * when there is none, `usage` when one request could not name them all.
 */
export function selectTargets(
  policy: Policy,
  identityName: string,
  labels: LabelSelector,
  logins: readonly string[],
): readonly string[] {
  const identity = policy.identities.get(identityName);
  const askable =
    identity === undefined ? new Map<string, readonly string[]>() : askableTargets(policy, identity);
  const found = [...askable].flatMap(([name, given]) => {
    const has = policy.targets.get(name)?.labels ?? {};
    const isMeant = [...labels].every(([label, value]) => Object.hasOwn(has, label) && has[label] === value);
    return isMeant && logins.every((login) => given.includes(login)) ? [name] : [];
  });
  const said = [...labels].map(([label, value]) => `${label}=${value}`).join(",");
  if (found.length === 0)
    throw new CommandError(
      "notFound",
      `no target with ${said} gives you ${logins.join(" and ")}`,
      "targets lists those that there are, with their labels",
    );
  if (found.length > GRANT_NAMES_MAX)
    throw new CommandError(
      "usage",
      `--selector: ${said} means ${found.length} targets; one request names at most ${GRANT_NAMES_MAX}`,
      "add a label, or name them",
    );
  return found;
}
