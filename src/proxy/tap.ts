import type { Frame } from "../recording/index.js";

/** Where the relay puts what passes. Both throw when the recording cannot go on: nothing may pass then. */
export interface Tap {
  append(frame: Omit<Frame, "atUs">, terminal: boolean): void;
  flush(): void;
}
