import { certAuthorityLine, type Control } from "../control/index.js";
import { flag } from "./argument.js";
import { defineCommand } from "./define.js";
import { linesText } from "./table.js";

const KNOWN_HOSTS = "~/.ssh/known_hosts_bascule";

export const config = defineCommand({
  name: "config",
  summary: "Prints an ssh_config for clients, and the one line that makes them trust the bastion's names",
  examples: ["config > ~/.ssh/bascule.conf", `config --known-hosts > ${KNOWN_HOSTS}`, "config --json"],
  audience: "anyone",
  positionals: {},
  options: { "known-hosts": flag("only the @cert-authority line, for known_hosts") },
  run({ control, program }, values) {
    const knownHosts = certAuthorityLine(control.authorities.hostCa);
    const sshConfig = linesText(sshConfigLines(control, program, knownHosts));
    const text = values["known-hosts"] ? `${knownHosts}\n` : sshConfig;
    return { text, json: { sshConfig, knownHosts } };
  },
});

function sshConfigLines(control: Control, program: string, knownHosts: string): readonly string[] {
  const { name, listen, inventory } = control.config;
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
    `Host ${[...inventory.keys()].join(" ")}`,
    `  ProxyJump ${name}`,
    `  UserKnownHostsFile ${KNOWN_HOSTS}`,
  ];
}
