import { AccessError } from "./access-error.js";

/** Longest name of an identity, target, role, group or login: one DNS label, so that a target can be a host name's part. */
const NAME_CHARS_MAX = 63;

const NAME = new RegExp(`^[a-z0-9][a-z0-9._-]{0,${NAME_CHARS_MAX - 1}}$`);
const LOGIN = new RegExp(`^[a-z0-9_][a-z0-9._-]{0,${NAME_CHARS_MAX - 1}}$`);

/** Who did it when no identity did: the admin at the machine itself, and the bastion of its own accord. */
export const LOCAL_ADMIN = "admin@local";
export const BASTION = "bastion@local";

/**
 * The name of an identity, target, role or group: lower-case ASCII only, so that no two names look alike on a screen.
 * Throws AccessError `bad-name`; never repeats the bad name, which may hold terminal escapes.
 */
export function parseName(value: string, path = "name"): string {
  if (!NAME.test(value)) {
    throw new AccessError("bad-name", path, "must be 1-63 of a-z 0-9 . _ - and begin with a letter or digit");
  }
  return value;
}

/** A login on a target: a name that may also begin with `_`, as system accounts do. Throws AccessError `bad-name`. */
export function parseLogin(value: string, path = "login"): string {
  if (!LOGIN.test(value)) {
    throw new AccessError("bad-name", path, "must be 1-63 of a-z 0-9 . _ - and not begin with . or -");
  }
  return value;
}

/** Who did something: an identity's name, LOCAL_ADMIN or BASTION. The `@` keeps the last two out of people's reach. */
export function parseActor(value: string, path = "by"): string {
  return value === LOCAL_ADMIN || value === BASTION ? value : parseName(value, path);
}
