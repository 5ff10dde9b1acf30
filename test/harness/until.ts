import { setTimeout as sleep } from "node:timers/promises";

/** Long for a machine that is busy with everything else, and short of a test's own limit. */
const patienceMs = 60_000;
const lookEveryMs = 20;

/** Looks until it is so; `what` says what never came. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`${what}: not within ${patienceMs / 1000} s`);
    await sleep(lookEveryMs);
  }
}
