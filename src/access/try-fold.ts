import { AccessError } from "./access-error.js";
import type { AccessEvent } from "./event.js";
import { fold } from "./fold.js";
import type { State } from "./state.js";

/** Folds an event that is possible; one that is not leaves the state as it was, and is what comes back. */
export function tryFold(state: State, event: AccessEvent, atMs: number): AccessError | undefined {
  try {
    fold(state, event, atMs);
    return undefined;
  } catch (error) {
    if (error instanceof AccessError && error.code === "impossible-event") return error;
    throw error;
  }
}
