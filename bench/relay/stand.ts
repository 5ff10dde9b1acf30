import { availableParallelism } from "node:os";
import { join } from "node:path";
import { askControl } from "../../src/commands/index.js";
import { startBastion, type Bastion } from "../../test/harness/bastion.js";
import { makeKey } from "../../test/harness/ssh-keys.js";
import { openssh, type Openssh, type OpensshVersion } from "../../test/harness/tools.js";
import { manyLogins, startOpensshReference, type OpensshReference } from "../openssh-reference.js";

/** A bastion and OpenSSH's own jump host, in front of the same sshd. The harness closes all of it. */
export interface Stand {
  readonly tools: Openssh;
  readonly bastion: Bastion;
  readonly reference: OpensshReference;
  /** Arguments of `ssh` for going through the bastion; a command may follow. */
  readonly way: readonly string[];
  /** Gives alice a new grant; her certificate is that one's from now on. */
  issue(): Promise<string>;
  /** What `bascule` asks of control, without a Node process that has to start first. Rejects when it is refused. */
  ask(command: string, values: Readonly<Record<string, readonly string[]>>): Promise<void>;
}

/** Longer than any run of all benchmarks. */
const grantFor = "8h";

export async function startStand(version: OpensshVersion): Promise<Stand> {
  const key = await makeKey("id");
  const bastion = await startBastion({
    sshd: version,
    isTamperedWith: true, // recordings of transfers are removed as soon as they are counted
    sshdConfig: [`AuthorizedKeysFile ${key.path}.pub`, ...manyLogins],
    proxies: availableParallelism(),
    channels: ["shell", "exec", "sftp", "local-forward"],
    settings: "limits: { unauthenticatedConnectionsPerAddress: 128, connectionsPerMinutePerAddress: 100000 }",
  });
  const issue = () => bastion.issue({ duration: grantFor });
  await issue();
  return {
    tools: openssh(version),
    bastion,
    reference: await startOpensshReference(version, { sshd: bastion.sshd, key }),
    way: ["-F", bastion.sshConfig, "-o", "LogLevel=ERROR", "-J", "bastion", "prod"],
    issue,
    ask: async (command, values) => {
      const socket = join(bastion.home, "control.sock");
      const outcome = await askControl(socket, { command, values }, { onNote: () => undefined });
      if (!outcome.ok) throw new Error(`bascule ${command}: ${outcome.message}`);
    },
  };
}
