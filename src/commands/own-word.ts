import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";

/**
 * What counts as a named person's word, beside that of others, takes a key that the policy names as theirs: an admin at the machine
 * can issue certificates in anybody's name over any key, and would be two people. Throws CommandError `notPermitted`.
 */
export function checkOwnWord({
  control: { policy },
  caller: { name, fingerprint },
}: Pick<CommandContext, "control" | "caller">): void {
  // without one they came by a token of their issuer, or are the one at the machine, who is nobody in particular
  if (fingerprint === undefined) return;
  const keys = policy.identities.get(name)?.keys ?? [];
  if (keys.some((key) => key.fingerprint === fingerprint)) return;
  throw new CommandError(
    "notPermitted",
    "you came by a certificate over a key that the policy does not name as yours, so that it could be anybody's word",
    "log in with a key of yours in the configuration",
  );
}
