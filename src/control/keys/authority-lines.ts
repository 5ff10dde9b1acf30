import { encodePublicKeyLine } from "../../certificate/index.js";
import type { Authority } from "./authority.js";

/** The public halves, each as an OpenSSH line. */
export interface AuthorityLines {
  readonly userCa: string;
  readonly targetCa: string;
  readonly hostCa: string;
}

export function authorityLines({ userCa, targetCa, hostCa }: Authority): AuthorityLines {
  return {
    userCa: encodePublicKeyLine(userCa, "bascule user-ca"),
    targetCa: encodePublicKeyLine(targetCa, "bascule target-ca"),
    hostCa: encodePublicKeyLine(hostCa, "bascule host-ca"),
  };
}
