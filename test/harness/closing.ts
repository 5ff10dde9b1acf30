import type { Suite } from "mocha";

type Close = () => Promise<unknown> | undefined;

let hasBegun = false;
let isInTest = false;
let ofRun: Close[] = [];
let ofTest: Close[] = [];
let ofSuite: Close[] = [];

/**
 * Registers what the end of a test closes, in reverse order of opening. What is opened in a `before` hook lives until
 * the outermost `describe` around it is done; what is opened while files are loaded, until all are.
 */
export function closeAfterwards(close: Close): void {
  (isInTest ? ofTest : hasBegun ? ofSuite : ofRun).push(close);
}

/** Called by the root hooks when all files are loaded. */
export function beginRun(): void {
  hasBegun = true;
}

/** Called by the root hooks after the last test. */
export async function endRun(): Promise<void> {
  hasBegun = false;
  const opened = ofRun;
  ofRun = [];
  await closeAll(opened);
}

/** Called by the root hooks as a test begins: from here on, what is opened belongs to the test. */
export function beginTest(suite: Suite | undefined): void {
  isInTest = true;
  if (ofSuite.length === 0) return;
  const opened = ofSuite;
  ofSuite = [];
  let outermost = suite;
  while (outermost?.parent !== undefined && !outermost.parent.root) outermost = outermost.parent;
  outermost?.afterAll("closes what the harness opened", () => closeAll(opened));
}

/** Called by the root hooks as a test ends. */
export async function endTest(): Promise<void> {
  isInTest = false;
  const opened = ofTest;
  ofTest = [];
  await closeAll(opened);
}

async function closeAll(opened: readonly Close[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.toReversed()) {
    await Promise.resolve(close()).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `closing after a test failed: ${failures.map(String).join("; ")}`);
}

/** For programs that use the harness without mocha, such as the benchmarks: closes all that is open. */
export async function closeEverything(): Promise<void> {
  const opened = [...ofRun, ...ofSuite, ...ofTest];
  [ofRun, ofSuite, ofTest] = [[], [], []];
  await closeAll(opened);
}
