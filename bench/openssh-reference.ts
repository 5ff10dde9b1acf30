import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeKey, type KeyFiles } from "../test/harness/ssh-keys.js";
import { startSshd, type RunningSshd } from "../test/harness/sshd.js";
import { temporaryFolder } from "../test/harness/temporary.js";
import { openssh, type Openssh, type OpensshVersion } from "../test/harness/tools.js";

/** What a benchmark measures us beside: OpenSSH's own sshd, jump host and client, on this machine. */
export interface OpensshReference {
  readonly client: Openssh;
  readonly target: RunningSshd;
  readonly jump: RunningSshd;
  /** Arguments of `ssh` for each way to the target; a command may follow. What was started is closed by the harness. */
  readonly ways: Readonly<Record<ReferenceWay, readonly string[]>>;
}

/** `direct`: no hop. `jump`: `ssh -J` as it comes. `jump-gcm`: with AES-GCM forced on both its hops. */
export type ReferenceWay = "direct" | "jump" | "jump-gcm";

/** Where both ways end: an sshd that lets `key` in. */
export interface ReferenceTarget {
  readonly sshd: RunningSshd;
  readonly key: KeyFiles;
}

/** What a target's sshd_config needs: hundreds of logins within seconds are the measurement, not an attack. */
export const manyLogins = ["MaxSessions 100", "MaxStartups 3000:30:4000"];

/** Starts a jump host's sshd in front of `given`, or of a target of its own. */
export async function startOpensshReference(
  version: OpensshVersion,
  given?: ReferenceTarget,
): Promise<OpensshReference> {
  const folder = temporaryFolder();
  const { sshd: target, key } = given ?? (await startTarget(version));
  const jump = await startSshd({ version, authorizedKeys: [key.publicLine], config: manyLogins });
  const known = [target, jump].map(({ port, hostKeyLine }) => `[127.0.0.1]:${port} ${hostKeyLine}\n`);
  writeFileSync(join(folder, "known_hosts"), known.join(""));
  writeFileSync(join(folder, "config"), clientConfiguration(folder, key.path, target, jump));
  const to = (way: ReferenceWay) => ["-F", join(folder, "config"), way];
  const ways = { direct: to("direct"), jump: to("jump"), "jump-gcm": to("jump-gcm") };
  return { client: openssh(version), target, jump, ways };
}

async function startTarget(version: OpensshVersion): Promise<ReferenceTarget> {
  const key = await makeKey("id");
  return { key, sshd: await startSshd({ version, authorizedKeys: [key.publicLine], config: manyLogins }) };
}

function clientConfiguration(folder: string, key: string, target: RunningSshd, jump: RunningSshd): string {
  const gcm = "  Ciphers aes128-gcm@openssh.com";
  return [
    ...["Host direct jump jump-gcm", `  Port ${target.port}`],
    ...["Host jump", "  ProxyJump hop"],
    ...["Host jump-gcm", "  ProxyJump hop-gcm", gcm],
    ...["Host hop hop-gcm", `  Port ${jump.port}`],
    ...["Host hop-gcm", gcm],
    ...[
      "Host *",
      "  HostName 127.0.0.1",
      `  User ${target.login}`,
      `  IdentityFile ${key}`,
      "  IdentitiesOnly yes",
    ],
    ...[`  UserKnownHostsFile ${join(folder, "known_hosts")}`, "  BatchMode yes", "  LogLevel ERROR"],
    // OpenSSH 9.5 and later send keystrokes in a rhythm of 20 ms; earlier ones do not know the option.
    ...["  IgnoreUnknown ObscureKeystrokeTiming", "  ObscureKeystrokeTiming no", ""],
  ].join("\n");
}
