import { object, oneOf, text, type Decode } from "./decode.js";
import { checkLockSubject, decodeLockKind, type LockKind } from "./lock.js";
import { parseActor } from "./name.js";
import { parseReason } from "./text.js";

/** Nothing more is allowed to, on or by the subject, until the lock is lifted. */
export interface LockSet {
  readonly type: "lock.set";
  readonly kind: LockKind;
  readonly name: string;
  readonly by: string;
  readonly reason: string;
}

export interface LockLifted {
  readonly type: "lock.lifted";
  readonly kind: LockKind;
  readonly name: string;
  readonly by: string;
  readonly reason: string;
}

export type LockEvent = LockSet | LockLifted;

type Decoders = { readonly [T in LockEvent["type"]]: Decode<Extract<LockEvent, { type: T }>> };

const anyText = text((value: string) => value);

function checked<T extends LockEvent>(decode: Decode<T>): Decode<T> {
  return (value, path) => {
    const event = decode(value, path);
    checkLockSubject(event, path);
    return event;
  };
}

export const lockEvents: Decoders = {
  "lock.set": checked(
    object<LockSet>({
      type: oneOf(["lock.set"]),
      kind: decodeLockKind,
      name: anyText,
      by: text(parseActor),
      reason: text(parseReason),
    }),
  ),
  "lock.lifted": checked(
    object<LockLifted>({
      type: oneOf(["lock.lifted"]),
      kind: decodeLockKind,
      name: anyText,
      by: text(parseActor),
      reason: text(parseReason),
    }),
  ),
};
