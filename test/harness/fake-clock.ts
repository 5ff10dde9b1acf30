import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./temporary.js";
import { requireTool } from "./tools.js";

/** A wall clock for programs under test, which the test sets while they run. */
export interface FakeClock {
  /** Put these into the program's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Moves the programs' wall clock this far from the true one, at once. */
  setOffsetSeconds(offset: number): void;
}

/** Their monotonic clock stays true, unless time is to pass for them by both. */
export function fakeClock({ isMonotonicToo = false } = {}): FakeClock {
  const file = join(temporaryFolder(), "clock");
  const setOffsetSeconds = (offset: number) => {
    // Renamed into place: a program that reads in between must not see half of it.
    writeFileSync(`${file}.new`, `${offset < 0 ? "" : "+"}${offset}\n`);
    renameSync(`${file}.new`, file);
  };
  setOffsetSeconds(0);
  const env = {
    LD_PRELOAD: requireTool("libfaketime"),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    ...(!isMonotonicToo && { FAKETIME_DONT_FAKE_MONOTONIC: "1", DONT_FAKE_MONOTONIC: "1" }),
  };
  return { env, setOffsetSeconds };
}
