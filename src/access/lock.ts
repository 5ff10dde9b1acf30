import { AccessError } from "./access-error.js";
import { oneOf } from "./decode.js";
import { parseSerial } from "./fingerprint.js";
import { parseName } from "./name.js";

/** What can be locked: everything of an identity, everything on a target, everything by one certificate. */
export const LOCK_KINDS = ["identity", "target", "serial"] as const;
export type LockKind = (typeof LOCK_KINDS)[number];

export interface LockSubject {
  readonly kind: LockKind;
  /** The identity's or target's name, or the serial in decimal. It need not be in the policy (any more). */
  readonly name: string;
}

/** A subject as one text, the key of State.locks: `identity alice`. */
export function lockKey({ kind, name }: LockSubject): string {
  return `${kind} ${name}`;
}

export const decodeLockKind = oneOf(LOCK_KINDS);

/** Throws AccessError `bad-name` or `bad-value` when the name is none of that kind. */
export function checkLockSubject(subject: LockSubject, path: string): void {
  if (subject.kind === "serial") parseSerial(subject.name, `${path}.name`);
  else if (subject.name !== parseName(subject.name, `${path}.name`))
    throw new AccessError("bad-name", `${path}.name`, "is not a name");
}

/** What is locked, as a person reads it. */
export function lockedText({ kind, name }: LockSubject): string {
  return kind === "serial" ? `certificate ${name}` : name;
}
