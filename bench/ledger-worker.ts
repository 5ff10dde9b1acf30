// One step of the ledger's benchmark, in a process of its own so that its memory is its own: argv[2] is the step, argv[3] the
// folder, argv[4] a number. Prints one line of JSON.
import { rm } from "node:fs/promises";
import { emptyState, fold, parseAccessEvent, statePieces, type AccessEvent } from "../src/access/index.js";
import { Keeper } from "../src/control/keeper.js";
import { plainJson } from "../src/control/state-snapshot/plain-json.js";
import { snapshotTimes } from "../src/control/state-snapshot/state-snapshots.js";
import { openLedger, type EntryCodec, type Ledger } from "../src/ledger/index.js";
import { encodeRow } from "../src/ledger/entry-row.js";
import { openStore } from "../src/ledger/store/level-store.js";
import { keeperPlace, silentLog } from "../test/harness/keeper-place.js";
import { ledgerPlace } from "../test/harness/ledger-place.js";
import { grantIssued } from "../test/unit/access/sample.js";
import { entryOf, sessionEntries } from "./ledger-entries.js";
import type { AppendFigures, FillFigures, SessionsFigures, StartFigures } from "./ledger.js";
import { percentile } from "./statistics.js";

const codec: EntryCodec<unknown> = { encode: (entry) => entry, decode: (value) => value };
const rateWanted = 5000;
const tickMs = 2;
/** Fewer than the ledger lets wait: a machine that cannot keep up shows in the rate. */
const waitingMax = 10_000;
const fillBatch = 4096;
const appendersAtOnce = 256;
const fastestMs = 5000;

const open = (dir: string): Promise<Ledger<unknown>> =>
  openLedger({ ...ledgerPlace(dir), codec, nowMs: Date.now });

/** Fills the journal in larger batches than appenders make, then has all of it published. */
async function fill(dir: string, to: number): Promise<FillFigures> {
  const begun = performance.now();
  const empty = await open(dir);
  const from = empty.size;
  await empty.close();
  const store = await openStore(ledgerPlace(dir).journal, { create: false });
  for (let first = from; first < to; first += fillBatch) {
    const count = Math.min(fillBatch, to - first);
    const rows = Array.from({ length: count }, (_, more) => {
      const index = first + more;
      return { index, value: encodeRow({ index, atMs: Date.now(), entry: entryOf(index) }, codec) };
    });
    await store.write(rows);
  }
  await store.close();
  const journalMs = performance.now() - begun;
  const ledger = await open(dir);
  await ledger.publish();
  await ledger.close();
  return { journalMs, publishMs: performance.now() - begun - journalMs };
}

/** Appends for some seconds at the wanted rate, then as fast as it can. */
async function append(dir: string, seconds: number): Promise<AppendFigures> {
  const opening = performance.now();
  const ledger = await open(dir);
  const openMs = performance.now() - opening;
  const waits: number[] = [];
  let next = ledger.size;
  const one = async (): Promise<void> => {
    const asked = performance.now();
    await ledger.append(entryOf(next++));
    waits.push(performance.now() - asked);
  };
  const begun = performance.now();
  await paced(begun, seconds * 1000, one);
  const perSecond = waits.length / ((performance.now() - begun) / 1000);
  const rssBytes = process.memoryUsage.rss();
  const fastestPerSecond = await fastest(() => ledger.append(entryOf(next++)));
  await ledger.close();
  const [p50Ms, p99Ms] = [percentile(waits, 50), percentile(waits, 99)];
  return { openMs, perSecond, p50Ms, p99Ms, rssBytes, fastestPerSecond, size: ledger.size };
}

async function paced(begun: number, forMs: number, one: () => Promise<void>): Promise<void> {
  const running = new Set<Promise<void>>();
  const ask = (): void => {
    const asking = one().finally(() => running.delete(asking));
    running.add(asking);
  };
  let asked = 0;
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      const passed = Math.min(forMs, performance.now() - begun);
      for (; asked < (passed * rateWanted) / 1000 && running.size < waitingMax; asked += 1) ask();
      if (passed < forMs) return;
      clearInterval(timer);
      done();
    }, tickMs);
  });
  await Promise.all(running);
}

async function fastest(one: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  let appended = 0;
  const appender = async (): Promise<void> => {
    for (; performance.now() - begun < fastestMs; appended += 1) await one();
  };
  await Promise.all(Array.from({ length: appendersAtOnce }, appender));
  return appended / ((performance.now() - begun) / 1000);
}

/** Never more than the benchmark's own patience: a stop waits for the snapshot. */
const times = { ...snapshotTimes, stopMs: 600_000 };

function openKeeper(dir: string): Promise<Keeper> {
  const fail = (what: unknown): never => {
    throw new Error("an entry that cannot be", { cause: what });
  };
  const options = {
    nowMs: Date.now,
    log: silentLog,
    onFailure: fail,
    onImpossible: fail,
    snapshots: { times },
  };
  return Keeper.open(keeperPlace(dir), options);
}

/** What a control does that has no snapshot: opens the ledger and folds every entry into state. It leaves one. */
async function replay(dir: string): Promise<StartFigures> {
  await rm(keeperPlace(dir).state, { force: true });
  const figures = await start(dir, 0, async (keeper) => {
    const begun = performance.now();
    await keeper.keepState();
    return { keepMs: performance.now() - begun };
  });
  return figures;
}

/** A start, after `more` entries. */
async function start(
  dir: string,
  more: number,
  then: (keeper: Keeper) => Promise<object> = () => Promise.resolve({}),
): Promise<StartFigures> {
  if (more > 0) await appendMore(dir, more);
  const begun = performance.now();
  const keeper = await openKeeper(dir);
  const startMs = performance.now() - begun;
  const { derivation, size } = keeper;
  const figures = { startMs, derivation, rssBytes: process.memoryUsage.rss(), size };
  const kept = await then(keeper);
  await keeper.close();
  return { ...figures, ...kept };
}

async function appendMore(dir: string, more: number): Promise<void> {
  const ledger = await open(dir);
  for (const end = ledger.size + more; ledger.size < end;)
    await Promise.all(
      Array.from({ length: appendersAtOnce }, (_, n) => ledger.append(entryOf(ledger.size + n))),
    );
  await ledger.close();
}

/** Folds so many sessions as if they had been read, each with a certificate of its own. */
function sessions(count: number): SessionsFigures {
  const before = heapBytes();
  const state = emptyState();
  const add = (event: AccessEvent): void =>
    void fold(state, parseAccessEvent(JSON.parse(JSON.stringify(event))), Date.now());
  add(grantIssued());
  for (let n = 1; n <= count; n += 1) for (const event of sessionEntries(n)) add(event);
  const weight = heapBytes() - before;
  const copying = performance.now();
  const { pieces } = statePieces(state);
  const copyMs = performance.now() - copying;
  let [jsonBytes, pieceMsMax, begun] = [0, 0, performance.now()];
  for (const piece of pieces) {
    jsonBytes += Buffer.byteLength(plainJson(piece));
    pieceMsMax = Math.max(pieceMsMax, performance.now() - begun);
    begun = performance.now();
  }
  return { sessions: state.sessions.size, heapBytes: weight, copyMs, pieceMsMax, jsonBytes };
}

function heapBytes(): number {
  if (global.gc === undefined) throw new Error("to be run with --expose-gc");
  global.gc();
  return process.memoryUsage().heapUsed;
}

const [step = "", dir = "", amount = ""] = process.argv.slice(2);
const steps: Readonly<Record<string, () => Promise<object>>> = {
  fill: () => fill(dir, Number(amount)),
  append: () => append(dir, Number(amount)),
  replay: () => replay(dir),
  start: () => start(dir, Number(amount)),
  sessions: () => Promise.resolve(sessions(Number(amount))),
};
const figures = await steps[step]?.();
process.stdout.write(`${JSON.stringify(figures)}\n`);
