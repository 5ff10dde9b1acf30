import { utcText } from "../wording/index.js";
import type { Certified, CertificateRefused } from "../control/index.js";
import { CommandError } from "./command-error.js";
import type { CommandContext, CommandResult } from "./define.js";
import { leftText } from "./describe.js";

/** What OpenSSH calls the file of a key of this algorithm, by default. */
const KEY_FILES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "id_ed25519",
  "ssh-rsa": "id_rsa",
  "sk-ssh-ed25519@openssh.com": "id_ed25519_sk",
  "sk-ecdsa-sha2-nistp256@openssh.com": "id_ecdsa_sk",
};

/** Where the caller's ssh looks for the certificate of the key that they use. */
export function certificateFile({ login }: CommandContext): string {
  const algorithm = login?.proof.algorithm.replace(/-cert-v01(?=@openssh\.com$)/u, "") ?? "ssh-ed25519";
  const plain = algorithm.startsWith("rsa-sha2-") ? "ssh-rsa" : algorithm;
  const name = plain.startsWith("ecdsa-")
    ? "id_ecdsa"
    : (KEY_FILES[plain] ?? KEY_FILES[plain.replace(/@openssh\.com$/u, "")]);
  return `~/.ssh/${name ?? "id_ed25519"}-cert.pub`;
}

/** The line that fetches a certificate into its file. */
export function fetchLine(context: CommandContext): string {
  return `${context.program} cert > ${certificateFile(context)}`;
}

/** A certificate over all live grants of the caller: for `key`, else for the key that they logged in with. */
export async function certifyCaller(
  context: CommandContext,
  key?: string,
): Promise<Certified | CertificateRefused> {
  const { control, caller, login } = context;
  return control.grants.certify({
    identity: caller.name,
    by: caller.name,
    ...(key !== undefined && { key }),
    ...(login !== undefined && { proof: login.proof }),
    ...(caller.fingerprint !== undefined && { fingerprint: caller.fingerprint }),
  });
}

/** The certificate on stdout, and what it opens as talk. */
export function certificateResult({ control }: CommandContext, certified: Certified): CommandResult {
  const { certificate, serial, fingerprint, grants, validBeforeMs } = certified;
  const left = `until ${utcText(validBeforeMs)} (${leftText(validBeforeMs - control.nowMs)})`;
  return {
    text: `${certificate}\n`,
    json: { certificate, serial, fingerprint, grants, validBeforeMs },
    notes: [`certificate ${serial} for ${fingerprint} opens ${grants.join(", ")} ${left}`],
  };
}

export function certificateRefusal(context: CommandContext, refused: CertificateRefused): CommandError {
  const { program, caller, control } = context;
  const because = refused.detail === undefined ? "" : `: ${refused.detail}`;
  switch (refused.reason) {
    case "unknown-identity":
      return new CommandError(
        "denied",
        `${caller.name} is not known to the policy (any more)`,
        "an admin can add you",
      );
    case "locked":
      return new CommandError("denied", `you are locked${because}`, "an admin can unlock you");
    case "no-live-grant": {
      const nowMs = control.nowMs;
      const later = [...control.state.grants.values()].find(
        ({ grant, revoked }) =>
          grant.identity === caller.name && revoked === undefined && grant.fromMs > nowMs,
      );
      if (later !== undefined)
        return new CommandError(
          "denied",
          `${later.grant.id} begins ${utcText(later.grant.fromMs)}; its certificate can be had 15 minutes before`,
          `see it: ${program} grants`,
        );
      const waits = [...control.state.openRequests].some(
        (id) => control.state.requests.get(id)?.request.identity === caller.name,
      );
      return new CommandError(
        "denied",
        waits ? "your request still waits for approval" : "you have no live grant",
        waits
          ? `see it: ${program} requests`
          : `ask for one: ${program} request TARGET --as LOGIN --for 30m --reason "why"`,
      );
    }
    case "no-key":
      return new CommandError("usage", "you have no registered key", keyHint(program));
    case "several-keys":
      return new CommandError("usage", "you have several registered keys", keyHint(program));
    case "malformed-key":
      return new CommandError("usage", "--key: expected the line of an OpenSSH public key", keyHint(program));
    case "key-revoked":
      return new CommandError(
        "denied",
        `that key was revoked${because}`,
        `name another: ${keyHint(program)}`,
      );
  }
}

function keyHint(program: string): string {
  return `${program} cert --key - < ~/.ssh/id_ed25519.pub`;
}
