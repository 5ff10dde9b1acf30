import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bastion } from "./bastion.js";
import { runProgram, type ProgramOptions, type ProgramResult } from "./run-program.js";
import type { KeyFiles } from "./ssh-keys.js";
import { openTerminal, type Terminal, type TerminalOptions } from "./terminal.js";
import { openssh, type OpensshVersion } from "./tools.js";

/** Somebody with a key, an ssh and a bastion; nothing else. */
export interface Person {
  readonly name: string;
  readonly key: KeyFiles;
  /** `ssh ARGS`, without a terminal. */
  ssh(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>;
  /** `ssh ARGS` on a terminal. */
  terminal(args: readonly string[], options?: TerminalOptions): Terminal;
  /** `ssh bastion WORDS --json`, decoded; throws unless it exits 0. */
  json(words: readonly string[]): Promise<unknown>;
  /** A line that somebody was told to paste, such as `ssh bastion …`: run by a shell, with this person's ssh. */
  paste(line: string, options?: ProgramOptions): Promise<ProgramResult>;
}

export interface PersonOptions {
  readonly version?: OpensshVersion;
  /** A library that signs for a hardware key. */
  readonly securityKeyProvider?: string;
}

/** Gives somebody an ssh_config of their own beside their key. Both the bastion and `prod` are known in it by name. */
export function person(
  bastion: Bastion,
  name: string,
  key: KeyFiles,
  { version = "9.2", securityKeyProvider }: PersonOptions = {},
): Person {
  const path = join(dirname(key.path), `${name}.conf`);
  const provider = securityKeyProvider === undefined ? "" : `  SecurityKeyProvider ${securityKeyProvider}\n`;
  writeFileSync(
    path,
    `Host *
  UserKnownHostsFile ${join(bastion.home, "known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  IdentitiesOnly yes
  IdentityFile ${key.path}
${provider}Host bastion
  HostName 127.0.0.1
  Port ${bastion.port}
  HostKeyAlias bastion
Host prod
  User ${bastion.login}
  ProxyJump bastion
`,
  );
  const { ssh } = openssh(version);
  const run = (args: readonly string[], options?: ProgramOptions) =>
    runProgram(ssh, ["-F", path, ...args], options);
  return {
    name,
    key,
    ssh: run,
    terminal: (args, options) => openTerminal(ssh, ["-F", path, ...args], options),
    json: async (words) => {
      const { status, stdout, stderr } = await run(["bastion", ...words, "--json"]);
      if (status !== 0)
        throw new Error(`${name}: ssh bastion ${words.join(" ")}: ${String(status)}: ${stderr}`);
      return JSON.parse(stdout.toString()) as unknown;
    },
    paste: (line, options) =>
      runProgram("/bin/sh", ["-c", `ssh() { "${ssh}" -F "${path}" "$@"; }\n${line}`], options),
  };
}
