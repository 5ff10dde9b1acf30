import type { Bastion } from "./bastion.js";
import type { OpensshVersion } from "./tools.js";

/** How a person gets to `prod` through the bastion: with a jump, or with both names in the login. */
export type Way = "jump" | "plus";

export const ways: readonly Way[] = ["jump", "plus"];

/** The versions of OpenSSH's client that must work. */
export const versions: readonly OpensshVersion[] = ["9.2", "10.0"];

/** Every version each way, as `describe` or `it` can name them. */
export const everyWay: readonly { version: OpensshVersion; way: Way; named: string }[] = versions.flatMap(
  (version) => ways.map((way) => ({ version, way, named: `ssh ${version}, ${way}` })),
);

/** Options and host for ssh, scp or sftp: `[...options, host]`, where `host` may be followed by `:path`. */
export function routeTo(bastion: Bastion, way: Way): { options: string[]; host: string } {
  const options = ["-F", bastion.sshConfig];
  return way === "jump"
    ? { options: [...options, "-J", "bastion"], host: "prod" }
    : { options, host: `${bastion.login}+prod@bastion` };
}
