import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePublicKeyLine, generatePrivateKey } from "../../certificate/index.js";
import { readKeyFile, writeKeyFile, type HomePaths } from "../../control/index.js";

/** What `start` and `demo` keep beside the home's own: keys of people who are not real, and the demo target's. */
export interface DemoFiles {
  readonly folder: string;
  readonly alice: string;
  readonly aliceCertificate: string;
  readonly bob: string;
  readonly hostKey: string;
  /** Home folders of the demo target's logins. */
  readonly homes: string;
  readonly sshConfig: string;
  readonly knownHosts: string;
}

/** The demo target's name, and whom one can be there. */
export const DEMO_TARGET = "demo";
export const DEMO_LOGINS = ["demo", "postgres"] as const;

export function demoFiles({ home }: HomePaths): DemoFiles {
  const folder = join(home, "demo");
  return {
    folder,
    alice: join(folder, "alice"),
    aliceCertificate: join(folder, "alice-cert.pub"),
    bob: join(folder, "bob"),
    hostKey: join(folder, "target-host-key"),
    homes: join(folder, "homes"),
    sshConfig: join(folder, "ssh_config"),
    knownHosts: join(folder, "known_hosts"),
  };
}

/** Makes the demo's keys. Throws ControlError `key-exists`. */
export function makeDemoKeys(files: DemoFiles): void {
  mkdirSync(files.homes, { recursive: true, mode: 0o700 });
  writeKeyFile(files.alice, generatePrivateKey("ed25519"), "alice (demo)");
  writeKeyFile(files.bob, generatePrivateKey("ed25519"), "bob (demo)");
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

/** An ssh_config that needs nothing else: names, keys and whom to trust. */
export function writeSshConfig(files: DemoFiles, port: number, certAuthority: string): void {
  writeFileSync(files.knownHosts, `${certAuthority}\n`, { mode: 0o600 });
  const lines = [
    "# Made anew at each start.",
    "Host bastion",
    "  HostName 127.0.0.1",
    `  Port ${port}`,
    "  HostKeyAlias bastion",
    `Host ${DEMO_TARGET}`,
    "  ProxyJump bastion",
    `  User ${DEMO_LOGINS[0]}`,
    `Host bastion ${DEMO_TARGET}`,
    `  IdentityFile "${files.alice}"`,
    `  CertificateFile "${files.aliceCertificate}"`,
    "  IdentitiesOnly yes",
    `  UserKnownHostsFile "${files.knownHosts}"`,
    "  GlobalKnownHostsFile none",
    "  StrictHostKeyChecking yes",
  ];
  writeFileSync(files.sshConfig, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
}
