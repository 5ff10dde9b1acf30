import type { HoldSubject } from "../access/index.js";
import { name, optional } from "./argument.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";
import { findAnySession } from "./lookup.js";

/** The ways to say what is held. */
export const holdPositionals = {
  name: optional(name, {
    placeholder: "NAME",
    summary: "ses-…, an identity or a target, whichever has that name",
  }),
};
export const holdOptions = {
  identity: optional(name, {
    placeholder: "NAME",
    summary:
      "an identity, also one that the policy does not know (any more): all its sessions, past and future",
  }),
  target: optional(name, { placeholder: "NAME", summary: "a target: all sessions on it, past and future" }),
};

interface Given {
  readonly name: string | undefined;
  readonly identity: string | undefined;
  readonly target: string | undefined;
}

/** The one thing that is meant. Throws CommandError `usage` when it could be several, `notFound` for a bare name of nothing. */
export function holdSubject(context: CommandContext, given: Given): HoldSubject {
  const { name: bare, identity, target } = given;
  if ([bare, identity, target].filter((one) => one !== undefined).length !== 1)
    throw new CommandError("usage", "give one of: ses-…, a name, --identity, --target");
  if (identity !== undefined) return { identity };
  if (target !== undefined) return { target };
  return bareSubject(context, bare ?? "");
}

function bareSubject(context: CommandContext, bare: string): HoldSubject {
  if (bare.startsWith("ses-")) return { session: findAnySession(context, bare).session };
  const { policy } = context.control;
  const { program } = context;
  const [isIdentity, isTarget] = [policy.identities.has(bare), policy.targets.has(bare)];
  const both = `${program} hold --identity ${bare} …, or ${program} hold --target ${bare} …`;
  if (isIdentity && isTarget)
    throw new CommandError("usage", `${bare} is an identity and a target`, `say which: ${both}`);
  if (isIdentity) return { identity: bare };
  if (isTarget) return { target: bare };
  const hint = `to hold one that is not known: ${both}`;
  throw new CommandError("notFound", `there is no session, identity or target ${bare}`, hint);
}

/** What is held, as a person reads it. */
export function subjectText({ session, identity, target }: HoldSubject): string {
  if (session !== undefined) return session;
  return identity === undefined ? `target ${target ?? ""}` : `identity ${identity}`;
}
