import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { init } from "../../src/cli/init/init.js";
import { checkEvidence } from "./check-evidence.js";
import { closeAfterwards } from "./closing.js";
import { endProcessTree } from "./processes.js";
import { programEnvironment, runProgram, type ProgramOptions, type ProgramResult } from "./run-program.js";
import { makeKey, type KeyFiles } from "./ssh-keys.js";
import { startSshd, type RunningSshd } from "./sshd.js";
import { temporaryFolder } from "./temporary.js";
import { openssh, type OpensshVersion } from "./tools.js";

/** The compiled program, as a user starts it. */
export const program = resolve("dist/src/main.js");

const startMs = 60_000;

export interface BastionOptions {
  /** Version of the real sshd behind it; 9.2 when left out. */
  readonly sshd?: OpensshVersion;
  /** Further lines of that sshd's configuration. */
  readonly sshdConfig?: readonly string[];
  /** What the role `oncall` allows; shell, exec and sftp when left out. */
  readonly channels?: readonly string[];
  /** Top-level YAML of the configuration, such as `limits: { … }`. */
  readonly settings?: string;
  /** YAML under `targets:`, each line with two blanks in front. */
  readonly targets?: string;
  /** YAML under `identities:`, beside alice and bob, each line with two blanks in front. */
  readonly identities?: string;
  /** YAML under `roles:`, beside `oncall`, each line with two blanks in front. */
  readonly roles?: string;
  /** Groups of bob; auditors when left out. */
  readonly bobsGroups?: readonly string[];
  /** YAML of the target `prod`: another address, host key or way to log in. */
  readonly prod?: (sshd: RunningSshd) => string;
  readonly proxies?: number;
  /** Folder of the recordings; in the home when left out. */
  readonly recordings?: string;
  /** Added to the environment of the whole bastion (libfaketime). */
  readonly env?: Readonly<Record<string, string>>;
  /** What the tests do to its files: then they are not verified at the end. */
  readonly isTamperedWith?: boolean;
}

export interface CertificateWish {
  readonly target?: string;
  readonly login?: string;
  /** `30m` when left out. */
  readonly duration?: string;
  readonly identity?: "alice" | "bob";
}

/** A whole bastion of real processes, a real sshd named `prod` behind it, and alice, who may go there. */
export interface Bastion {
  readonly home: string;
  readonly recordings: string;
  readonly port: number;
  readonly sshd: RunningSshd;
  /** The current user's name, the login on `prod`. */
  readonly login: string;
  readonly alice: KeyFiles;
  readonly bob: KeyFiles;
  /** For `ssh -F`: knows `bastion` and `prod`, alice's key, and the host CA; `-J bastion` is left to the caller. */
  readonly sshConfig: string;
  readonly configPath: string;
  readonly auditorKey: string;
  readonly apartAuditorKey: string;
  /** Process id of the supervisor. */
  readonly pid: number;
  /** Runs `bascule ARGS` with this home. */
  bascule(args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>;
  /** The same with `--json`, decoded; throws unless it exits 0. */
  json(args: readonly string[]): Promise<unknown>;
  /** Has the admin issue a certificate; it lies beside the identity's key, where ssh finds it. Gives the grant's id. */
  issue(wish?: CertificateWish): Promise<string>;
  /** `ssh -F sshConfig ARGS`, of the version asked for. */
  ssh(version: OpensshVersion, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>;
  /** What the supervisor and its processes wrote to stderr. */
  log(): string;
  /** Pids of the processes of a kind, by their command line. */
  pidsOf(kind: "control" | "proxy"): number[];
  /** Stops it in order and waits. */
  stop(): Promise<void>;
  /** Starts it again on the same home and port after `stop` or a kill. */
  start(): Promise<void>;
}

/** Starts everything; all of it is closed after the test or suite. */
export async function startBastion(options: BastionOptions = {}): Promise<Bastion> {
  const home = join(temporaryFolder("bastion"), "home");
  init(home, () => undefined); // as the program does it, without the second that a process of its own takes
  const [alice, bob] = [await makeKey("alice"), await makeKey("bob")];
  const sshd = await startSshd({
    version: options.sshd ?? "9.2",
    trustedUserCas: [readFileSync(join(home, "keys/target-ca.pub"), "utf8").trim()],
    config: options.sshdConfig ?? [],
  });
  const configPath = join(home, "bascule.yaml");
  const seals = /recording:\n(?: {2}.*\n)+/.exec(readFileSync(configPath, "utf8"))?.[0] ?? "";
  const write = (port: number) =>
    writeFileSync(configPath, configuration(options, sshd, { alice, bob, port, seals }), { mode: 0o600 });
  write(0);
  const bastion = new RunningBastion(home, configPath, sshd, alice, bob, options);
  await bastion.start();
  write(bastion.port); // a later start comes back on the same port
  return bastion;
}

interface Filled {
  readonly alice: KeyFiles;
  readonly bob: KeyFiles;
  readonly port: number;
  readonly seals: string;
}

function configuration(options: BastionOptions, sshd: RunningSshd, filled: Filled): string {
  const { channels = ["shell", "exec", "sftp"], settings = "", targets = "", proxies = 2 } = options;
  const { identities = "", roles = "", bobsGroups = ["auditors"] } = options;
  const prod =
    options.prod?.(sshd) ??
    `{ address: "127.0.0.1:${sshd.port}", hostKeys: ["${sshd.hostKeyLine}"], ` +
      `labels: { env: prod }, logins: [${sshd.login}, postgres] }`;
  return `listen: 127.0.0.1:${filled.port}
name: bastion
home: .
recordings: ${options.recordings ?? "./recordings"}
proxies: ${proxies}
${settings}
${filled.seals}
identities:
  alice: { groups: [engineers], keys: ["${filled.alice.publicLine}"] }
  bob: { groups: [${bobsGroups.join(", ")}], keys: ["${filled.bob.publicLine}"] }
${identities}
auditors: [auditors]
targets:
  prod: ${prod}
${targets}
roles:
  oncall:
    groups: [engineers]
    targets: { env: prod }
    logins: [${sshd.login}]
    maxDuration: 8h
    approvals: automatic
    channels: [${channels.join(", ")}]
${roles}
`;
}

class RunningBastion implements Bastion {
  readonly home: string;
  readonly recordings: string;
  readonly sshd: RunningSshd;
  readonly login: string;
  readonly alice: KeyFiles;
  readonly bob: KeyFiles;
  readonly configPath: string;
  readonly sshConfig: string;
  readonly auditorKey: string;
  readonly apartAuditorKey: string;
  readonly #env: Readonly<Record<string, string>>;
  port = 0;
  pid = 0;
  #said = "";
  #gone: Promise<unknown> = Promise.resolve();

  constructor(
    home: string,
    configPath: string,
    sshd: RunningSshd,
    alice: KeyFiles,
    bob: KeyFiles,
    { env = {}, isTamperedWith = false, recordings = join(home, "recordings") }: BastionOptions,
  ) {
    this.home = home;
    this.recordings = recordings;
    this.sshd = sshd;
    this.login = sshd.login;
    this.alice = alice;
    this.bob = bob;
    this.configPath = configPath;
    this.sshConfig = join(home, "client_config");
    this.auditorKey = join(home, "keys/auditor.jwk");
    this.apartAuditorKey = join(home, "keys/auditor-apart.jwk");
    this.#env = env;
    closeAfterwards(async () => {
      const isKilled = this.pid !== 0;
      if (isKilled) await endProcessTree(this.pid);
      if (!isTamperedWith) await checkEvidence(this.home, { recordings: this.recordings, isKilled });
    });
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [program, "serve", "--config", this.configPath], {
      env: { ...programEnvironment(), ...this.#env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.pid = child.pid ?? 0;
    this.#gone = new Promise((gone) => child.once("close", gone));
    await new Promise<void>((started, failed) => {
      const timer = setTimeout(() => failed(new Error(`the bastion does not start: ${this.#said}`)), startMs);
      let own = "";
      const hear = (chunk: Buffer) => {
        own += chunk.toString();
        this.#said += chunk.toString();
        const port = /serving on 127\.0\.0\.1:(\d+)/.exec(own)?.[1];
        if (port === undefined) return;
        clearTimeout(timer);
        this.port = Number(port);
        started();
      };
      child.stdout.on("data", hear);
      child.stderr.on("data", hear);
      child.once("exit", () => {
        clearTimeout(timer);
        failed(new Error(`the bastion ended: ${this.#said}`));
      });
    });
    this.#writeClientConfig();
  }

  async stop(): Promise<void> {
    process.kill(this.pid, "SIGTERM");
    await this.#gone;
    this.pid = 0;
  }

  log(): string {
    return this.#said;
  }

  bascule(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
    return runProgram(process.execPath, [program, "--home", this.home, ...args], options);
  }

  async json(args: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await this.bascule([...args, "--json"]);
    if (status !== 0) throw new Error(`bascule ${args.join(" ")}: exit ${String(status)}: ${stderr}`);
    return JSON.parse(stdout.toString());
  }

  async issue(wish: CertificateWish = {}): Promise<string> {
    const { identity = "alice", target = "prod", login = this.login, duration = "30m" } = wish;
    const asked = ["--identity", identity, "--target", target, "--login", login, "--for", duration];
    const issued = await this.bascule(["cert", "issue", ...asked, "--reason", "a test"]);
    if (issued.status !== 0) throw new Error(`cert issue: ${issued.stderr}`);
    writeFileSync(this[identity].certificatePath, issued.stdout);
    const grant = /grt-[0-9a-z]+/.exec(issued.stderr)?.[0];
    if (grant === undefined) throw new Error(`cert issue names no grant: ${issued.stderr}`);
    return grant;
  }

  ssh(version: OpensshVersion, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult> {
    return runProgram(openssh(version).ssh, ["-F", this.sshConfig, ...args], options);
  }

  pidsOf(kind: "control" | "proxy"): number[] {
    return childrenOf(this.pid).filter((pid) => commandLine(pid).includes(`internal\0${kind}`));
  }

  #writeClientConfig(): void {
    const authority = readFileSync(join(this.home, "keys/host-ca.pub"), "utf8").trim();
    writeFileSync(join(this.home, "known_hosts"), `@cert-authority * ${authority}\n`);
    writeFileSync(
      this.sshConfig,
      `Host *
  UserKnownHostsFile ${join(this.home, "known_hosts")}
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  BatchMode yes
  IdentitiesOnly yes
  IdentityFile ${this.alice.path}
Host bastion
  HostName 127.0.0.1
  Port ${this.port}
  HostKeyAlias bastion
Host prod
  User ${this.login}
`,
    );
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}
