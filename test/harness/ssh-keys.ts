import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "./run-program.js";
import { temporaryFolder } from "./temporary.js";
import { openssh } from "./tools.js";

/** A key pair on disk, as ssh-keygen made it. */
export interface KeyFiles {
  /** The private key's path; `.pub` is beside it, a certificate at `-cert.pub`. */
  readonly path: string;
  readonly certificatePath: string;
  /** OpenSSH private-key text. */
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicLine: string;
}

export interface CertificateRequest {
  readonly ca: KeyFiles;
  readonly key: KeyFiles;
  readonly principals: readonly string[];
  /** A host certificate instead of a user's. */
  readonly host?: boolean;
  /** As for `ssh-keygen -V`; an hour from now when left out. */
  readonly validity?: string;
  /** Each as for `ssh-keygen -O`, such as `source-address=10.0.0.0/8` or `clear`. */
  readonly options?: readonly string[];
  readonly keyId?: string;
  readonly serial?: bigint;
}

/** Makes a key with ssh-keygen, without a passphrase, in a folder of its own unless one is given. */
export async function makeKey(
  name: string,
  { type = ["ed25519"], folder = temporaryFolder() }: { type?: readonly string[]; folder?: string } = {},
): Promise<KeyFiles> {
  const path = join(folder, name);
  await keygen(["-q", "-N", "", "-C", name, "-f", path, "-t", ...type]);
  return {
    path,
    certificatePath: `${path}-cert.pub`,
    privateKey: readFileSync(path, "utf8"),
    publicLine: readFileSync(`${path}.pub`, "utf8").trim(),
  };
}

/** Has ssh-keygen sign `key` with `ca`; leaves the certificate beside the key, where ssh finds it, and returns its line. */
export async function signCertificate(request: CertificateRequest): Promise<string> {
  const { ca, key, principals, host = false, validity = "-1m:+1h", options = [], keyId = "test" } = request;
  const named = principals.length > 0 ? ["-n", principals.join(",")] : [];
  const serial = request.serial === undefined ? [] : ["-z", request.serial.toString()];
  const flags = [...(host ? ["-h"] : []), ...options.flatMap((option) => ["-O", option])];
  await keygen([
    "-q",
    "-s",
    ca.path,
    "-I",
    keyId,
    ...named,
    ...serial,
    "-V",
    validity,
    ...flags,
    `${key.path}.pub`,
  ]);
  return readFileSync(key.certificatePath, "utf8").trim();
}

async function keygen(args: readonly string[]): Promise<void> {
  const { status, stderr } = await runProgram(openssh("10.0").sshKeygen, args);
  if (status !== 0) throw new Error(`ssh-keygen ${args.join(" ")}: ${stderr}`);
}
