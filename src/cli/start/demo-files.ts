import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePublicKeyLine, generatePrivateKey } from "../../certificate/index.js";
import type { HomePaths } from "../../home/index.js";
import { readKeyFile, writeKeyFile } from "../../control/index.js";

/** What `start` and `demo` keep beside the home's own: keys of people who are not real, and the demo target's. */
export interface DemoFiles {
  readonly folder: string;
  /** Private keys; the public half is beside each. */
  readonly people: Readonly<Record<DemoPerson, string>>;
  readonly aliceCertificate: string;
  readonly hostKey: string;
  /** Home folders of the demo target's logins. */
  readonly homes: string;
  /** Each person's own. */
  readonly sshConfigs: Readonly<Record<DemoPerson, string>>;
  readonly knownHosts: string;
}

/** alice is on call; bob and carol approve, and bob is an auditor as well. */
export const DEMO_PEOPLE = ["alice", "bob", "carol"] as const;
export type DemoPerson = (typeof DEMO_PEOPLE)[number];

/** The demo target's name, and whom one can be there. */
export const DEMO_TARGET = "demo";
export const DEMO_LOGINS = ["demo", "postgres"] as const;
/** Another, for which nobody has to be asked. */
export const DEMO_GUEST = "guest";

export function demoFiles({ home }: HomePaths): DemoFiles {
  const folder = join(home, "demo");
  return {
    folder,
    people: { alice: join(folder, "alice"), bob: join(folder, "bob"), carol: join(folder, "carol") },
    aliceCertificate: join(folder, "alice-cert.pub"),
    hostKey: join(folder, "target-host-key"),
    homes: join(folder, "homes"),
    sshConfigs: {
      alice: join(folder, "ssh_config"),
      bob: join(folder, "ssh_config.bob"),
      carol: join(folder, "ssh_config.carol"),
    },
    knownHosts: join(folder, "known_hosts"),
  };
}

/** Makes the demo's keys. Throws ControlError `key-exists`. */
export function makeDemoKeys(files: DemoFiles): void {
  mkdirSync(files.homes, { recursive: true, mode: 0o700 });
  for (const name of DEMO_PEOPLE)
    writeKeyFile(files.people[name], generatePrivateKey("ed25519"), `${name} (demo)`);
  writeKeyFile(files.hostKey, generatePrivateKey("ed25519"), "demo target");
}

/** The public half of a key file, as a line. */
export function publicLine(path: string): string {
  return readFileSync(`${path}.pub`, "utf8").trim();
}

/** The public line of a private key file without the comment, to compare with. */
export function bareLine(path: string): string {
  return encodePublicKeyLine(readKeyFile(path).public);
}

/** For each person an ssh_config that needs nothing else: names, the key, and whom to trust. */
export function writeSshConfigs(files: DemoFiles, port: number, certAuthority: string): void {
  writeFileSync(files.knownHosts, `${certAuthority}\n`, { mode: 0o600 });
  for (const name of DEMO_PEOPLE)
    writeFileSync(files.sshConfigs[name], sshConfig(files, name, port), { mode: 0o600 });
}

function sshConfig(files: DemoFiles, name: DemoPerson, port: number): string {
  const lines = [
    `# ${name}'s; made anew at each start.`,
    "Host bastion",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    "  HostKeyAlias bastion",
    `Host ${DEMO_TARGET}`,
    "  ProxyJump bastion",
    `  User ${DEMO_LOGINS[0]}`,
    `Host bastion ${DEMO_TARGET}`,
    `  IdentityFile "${files.people[name]}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${files.knownHosts}"`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
  ];
  return lines.map((line) => `${line}\n`).join("");
}
