import { formatDuration } from "../wording/index.js";
import type { Approvals, Quorum, Role, TargetSelector } from "../access/index.js";

/** A role as it stands under `roles:` in a configuration, its lines indented for there. */
export function roleYaml(role: Role): readonly string[] {
  const { ticket, sourceAddresses, selfExtensionMs } = role;
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["groups", list(role.groups)],
    ["targets", selector(role.targets)],
    ["logins", list(role.logins)],
    ["maxDuration", formatDuration(role.maxDurationMs)],
    ["approvals", approvals(role.approvals)],
    ["breakGlass", role.breakGlass ? "allowed" : undefined],
    ["selfExtension", selfExtensionMs === undefined ? undefined : formatDuration(selfExtensionMs)],
    ["reason", role.reason],
    ["ticket", ticket && JSON.stringify(ticket.source)],
    ["channels", list(role.channels)],
    ["sourceAddresses", sourceAddresses && list(sourceAddresses)],
  ];
  const given = fields.filter(([, text]) => text !== undefined);
  return [`  ${word(role.name)}:`, ...given.map(([name, text]) => `    ${name}: ${text}`)];
}

function selector(targets: TargetSelector): string {
  if (targets.by === "names") return `{ names: ${list(targets.globs)} }`;
  const labels = Object.entries(targets.labels).map(([name, value]) => `${word(name)}: ${word(value)}`);
  return `{ ${labels.join(", ")} }`;
}

function approvals(needs: Approvals): string {
  if (needs.kind === "automatic") return "automatic";
  const proof = needs.presence ? ", presence: true" : needs.signed ? ", signed: true" : "";
  const [only, ...others] = needs.quorums.map(quorum);
  if (only !== undefined && others.length === 0) return `{ ${only}${proof} }`;
  const key = needs.kind === "all-of" ? "allOf" : "anyOf";
  return `{ ${key}: [${needs.quorums.map((one) => `{ ${quorum(one)} }`).join(", ")}]${proof} }`;
}

function quorum({ count, from }: Quorum): string {
  return `count: ${count}, from: ${list(from)}`;
}

function list(words: readonly string[]): string {
  return `[${words.map(word).join(", ")}]`;
}

/** As it is where YAML takes it for a text in any case, else quoted (JSON's texts are YAML's). */
function word(text: string): string {
  const isPlain =
    /^[A-Za-z_][A-Za-z0-9_-]*$/u.test(text) && !/^(?:true|false|null|yes|no|on|off)$/iu.test(text);
  return isPlain ? text : JSON.stringify(text);
}
