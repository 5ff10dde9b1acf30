import { askableTargets } from "../access/index.js";
import { flag } from "./argument.js";
import { defineCommand, type CommandContext } from "./define.js";
import { linesText } from "../wording/index.js";

const KNOWN_HOSTS = "~/.ssh/known_hosts_bascule";

export const config = defineCommand({
  examples: ["config > ~/.ssh/bascule.conf", `config --known-hosts > ${KNOWN_HOSTS}`, "config --json"],
  audience: "anyone",
  positionals: {},
  options: { "known-hosts": flag("only the @cert-authority line, for known_hosts") },
  run(context, values) {
    const { knownHosts } = context.control.authorities;
    const sshConfig = linesText(sshConfigLines(context, knownHosts));
    const text = values["known-hosts"] ? `${knownHosts}\n` : sshConfig;
    return { text, json: { sshConfig, knownHosts } };
  },
});

function sshConfigLines(context: CommandContext, knownHosts: string): readonly string[] {
  const { control, program } = context;
  const { name, listen } = control.config;
  const targets = targetNames(context);
  const host = ["0.0.0.0", "::"].includes(listen.host) ? name : listen.host;
  return [
    `# Include this from ~/.ssh/config. Needs, once: ${program} config --known-hosts > ${KNOWN_HOSTS}`,
    "# which writes this line:",
    `#   ${knownHosts}`,
    `Host ${name}`,
    `  HostName ${host}`,
    `  Port ${listen.port}`,
    `  HostKeyAlias ${name}`,
    `  UserKnownHostsFile ${KNOWN_HOSTS}`,
    ...(targets.length === 0
      ? []
      : [`Host ${targets.join(" ")}`, `  ProxyJump ${name}`, `  UserKnownHostsFile ${KNOWN_HOSTS}`]),
  ];
}

/** Those that the caller may ask for; what else there is, admins and auditors may know. */
function targetNames({ control, caller }: CommandContext): readonly string[] {
  if (caller.isAdmin || caller.isAuditor) return [...control.config.inventory.keys()];
  const identity = control.policy.identities.get(caller.name);
  return identity === undefined ? [] : [...askableTargets(control.policy, identity).keys()];
}
