/** Longest name of a key, in UTF-16 units: far more than a host and a path need. */
const NAME_CHARS_MAX = 255;

/** Unicode spaces and plus, as C2SP signed-note says; control characters, which a note cannot hold; half characters. */
const NOT_IN_NAME = /[\p{White_Space}+\p{Cc}\p{Surrogate}]/u;

/** Whether a text can name a key (C2SP signed-note). */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= NAME_CHARS_MAX && !NOT_IN_NAME.test(name);
}
