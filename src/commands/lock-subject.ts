import type { LockKind, LockSubject } from "../access/index.js";
import { name, optional, serial } from "./argument.js";
import { CommandError } from "./command-error.js";
import type { CommandContext } from "./define.js";

/** The ways to say what is locked. */
export const subjectPositionals = {
  name: optional(name, {
    placeholder: "NAME",
    summary: "an identity, a target or a serial, whichever has that name",
  }),
};
export const subjectOptions = {
  identity: optional(name, {
    placeholder: "NAME",
    summary: "an identity, also one that the policy does not know (any more)",
  }),
  target: optional(name, { placeholder: "NAME", summary: "a target" }),
  serial: optional(serial, { placeholder: "N", summary: "one certificate, by its serial number" }),
};

type Given = { readonly [K in LockKind | "name"]: string | undefined };

/** The one thing that is meant. Throws CommandError `usage` when it could be several, `notFound` for a bare name of nothing. */
export function lockSubject({ control }: CommandContext, verb: string, given: Given): LockSubject {
  const kinds: readonly LockKind[] = ["identity", "target", "serial"];
  const named = kinds.flatMap((kind) => (given[kind] === undefined ? [] : [{ kind, name: given[kind] }]));
  const [only] = named;
  if (named.length + (given.name === undefined ? 0 : 1) !== 1)
    throw new CommandError("usage", "give one of: a name, --identity, --target, --serial");
  if (only !== undefined) return only;
  const { name: bare = "" } = given;
  const { policy, state } = control;
  const known = {
    identity: policy.identities.has(bare),
    target: policy.targets.has(bare),
    serial: state.certificates.has(bare),
  };
  const meant = kinds.filter((kind) => known[kind] || state.locks.has(`${kind} ${bare}`));
  const [kind, ...others] = meant;
  if (kind === undefined)
    throw new CommandError(
      "notFound",
      `there is no identity, target or certificate ${bare}`,
      `to ${verb} one that is not known: ${unknownOptions(bare)}`,
    );
  if (others.length > 0)
    throw new CommandError(
      "usage",
      `${bare} is an ${meant.join(" and a ")}`,
      `say which: ${meant.map((one) => `${verb} --${one} ${bare}`).join(", or ")}`,
    );
  return { kind, name: bare };
}

function unknownOptions(bare: string): string {
  return /^\d+$/u.test(bare) ? `--serial ${bare}` : `--identity ${bare} or --target ${bare}`;
}
