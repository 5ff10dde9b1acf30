import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeAfterwards } from "./closing.js";
import { descendants, endProcessTree } from "./processes.js";
import { programEnvironment } from "./run-program.js";
import { makeKey, type KeyFiles } from "./ssh-keys.js";
import { temporaryFolder } from "./temporary.js";
import { requireTool, requireToolFile, toolsRoot, type OpensshVersion } from "./tools.js";

export interface SshdOptions {
  readonly version: OpensshVersion;
  /** Public lines of the CAs whose certificates open a login of the same name as a principal. */
  readonly trustedUserCas?: readonly string[];
  /** Public lines of plain keys that open every login. */
  readonly authorizedKeys?: readonly string[];
  /** A new ed25519 key when left out. */
  readonly hostKey?: KeyFiles;
  /** Whether the certificate beside `hostKey` is shown. */
  readonly withHostCertificate?: boolean;
  /** Names that can log in besides the current user's; all of them are the current user. */
  readonly logins?: readonly string[];
  /** Where `~` is for every login; a new folder when left out. */
  readonly home?: string;
  /** Free when left out. */
  readonly port?: number;
  /** Further lines of sshd_config; as sshd reads it, the first value of an option counts, and these come first. */
  readonly config?: readonly string[];
}

export interface RunningSshd {
  /** Process id of the one that listens. */
  readonly pid: number;
  readonly port: number;
  /** The public line of its host key. */
  readonly hostKeyLine: string;
  /** The current user's name. */
  readonly login: string;
  readonly home: string;
  /** All that sshd said so far. */
  log(): string;
  /** How many processes it has now: one for itself, more with connections. */
  processCount(): number;
  close(): Promise<void>;
}

const startMs = 60_000;
/** How often another port is tried when somebody else took ours in between. */
const attempts = 5;

/**
 * Starts a real sshd on 127.0.0.1, as the current user, with its own keys and configuration. Nothing of the system is
 * changed, but for the empty folder `/run/sshd` when we are root and it is missing.
 */
export async function startSshd(options: SshdOptions): Promise<RunningSshd> {
  const folder = temporaryFolder("sshd");
  const home = options.home ?? join(folder, "home");
  mkdirSync(home, { recursive: true });
  const hostKey = options.hostKey ?? (await makeKey("host", { folder }));
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    writeFileSync(join(folder, "sshd_config"), configuration(options, folder, hostKey, port));
    const started = await listen(options, folder, home, port);
    if (typeof started === "object") {
      const running = { ...started, port, home, login: userInfo().username, hostKeyLine: hostKey.publicLine };
      closeAfterwards(() => running.close());
      return running;
    }
    if (options.port !== undefined || attempt === attempts || !started.includes("in use")) {
      throw new Error(`sshd ${options.version} does not start: ${started}`);
    }
  }
}

function configuration(options: SshdOptions, folder: string, hostKey: KeyFiles, port: number): string {
  const { version, trustedUserCas = [], authorizedKeys = [], config = [] } = options;
  writeFileSync(join(folder, "cas"), trustedUserCas.join("\n"));
  writeFileSync(join(folder, "keys"), authorizedKeys.join("\n"));
  const helpers = join(requireToolFile("sshd-10.0"), "../../lib/openssh");
  return [
    ...config,
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${hostKey.path}`,
    ...(options.withHostCertificate === true ? [`HostCertificate ${hostKey.certificatePath}`] : []),
    ...(trustedUserCas.length > 0 ? [`TrustedUserCAKeys ${join(folder, "cas")}`] : []),
    `AuthorizedKeysFile ${authorizedKeys.length > 0 ? join(folder, "keys") : "none"}`,
    "AuthorizedPrincipalsFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes",
    "PidFile none",
    "PrintMotd no",
    "PrintLastLog no",
    "UseDNS no",
    "AcceptEnv LANG LC_*",
    "Subsystem sftp internal-sftp",
    // Programs which a client starts on the other side, such as rsync, are found among the unpacked ones.
    `SetEnv PATH=${join(toolsRoot, "bin")}:${process.env["PATH"] ?? ""}`,
    // Version 9.2 is a single program and does not know these.
    ...(version === "10.0" ? ["session", "auth"].map((part) => helperLine(part, helpers)) : []),
  ].join("\n");
}

function helperLine(part: string, folder: string): string {
  return `Sshd${part[0]?.toUpperCase() ?? ""}${part.slice(1)}Path ${join(folder, `sshd-${part}`)}`;
}

type Listening = Pick<RunningSshd, "pid" | "log" | "processCount" | "close">;

/** Resolves once it listens; to what it said when it ended instead. */
async function listen(
  options: SshdOptions,
  folder: string,
  home: string,
  port: number,
): Promise<Listening | string> {
  const file = requireTool(`sshd-${options.version}`);
  const child = spawn(file, ["-D", "-e", "-f", join(folder, "sshd_config")], {
    env: { ...programEnvironment(), ...accounts(folder, home, options.logins ?? []) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const { pid } = child;
  if (pid === undefined) throw new Error(`${file} cannot be started`);
  const close = async () => {
    await endProcessTree(pid);
    child.stderr.destroy();
  };
  const until = performance.now() + startMs;
  while (!said.includes(`listening on 127.0.0.1 port ${port}`)) {
    if (child.exitCode !== null || performance.now() > until) {
      await close();
      return said;
    }
    await sleep(5);
  }
  return { pid, log: () => said, processCount: () => 1 + descendants(pid).length, close };
}

/**
 * Accounts of this sshd alone: the current user under every login's name, and the user `sshd` that it drops to before
 * a login when it is root.
 */
function accounts(folder: string, home: string, logins: readonly string[]): Record<string, string> {
  const { uid, gid, username } = userInfo();
  const names = [...new Set([username, ...logins])];
  const passwd = names.map((name) => `${name}:x:${uid}:${gid}:test:${home}:/bin/bash\n`).join("");
  writeFileSync(join(folder, "passwd"), `${passwd}sshd:x:65534:65534:sshd:/nonexistent:/usr/sbin/nologin\n`);
  writeFileSync(join(folder, "group"), `${username}:x:${gid}:\nnogroup:x:65534:\n${terminalGroup()}`);
  return {
    LD_PRELOAD: requireTool("libnss_wrapper"),
    NSS_WRAPPER_PASSWD: join(folder, "passwd"),
    NSS_WRAPPER_GROUP: join(folder, "group"),
  };
}

/** sshd gives a terminal to the group `tty` where there is one; who is not root can only give it to whose it is. */
function terminalGroup(): string {
  const [, gid] = /^devpts \S+ devpts \S*\bgid=(\d+)/m.exec(readFileSync("/proc/mounts", "utf8")) ?? [];
  return gid === undefined ? "" : `tty:x:${gid}:\n`;
}

/** A port that was free a moment ago, for programs which cannot pick one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
