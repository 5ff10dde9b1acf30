import { encodePublicKeyLine } from "../../certificate/index.js";
import type { Authority } from "./authority.js";

/** The public halves, each as an OpenSSH line. */
export interface AuthorityLines {
  readonly userCa: string;
  readonly targetCa: string;
  readonly hostCa: string;
  /** The host CA as a line for known_hosts; in a file that only the bastion's hosts use, for every name. */
  readonly knownHosts: string;
}

export function authorityLines({ userCa, targetCa, hostCa }: Authority): AuthorityLines {
  return {
    userCa: encodePublicKeyLine(userCa, "bascule user-ca"),
    targetCa: encodePublicKeyLine(targetCa, "bascule target-ca"),
    hostCa: encodePublicKeyLine(hostCa, "bascule host-ca"),
    knownHosts: `@cert-authority * ${encodePublicKeyLine(hostCa, "bascule host CA")}`,
  };
}
