// One step of the ledger's benchmark, in a process of its own so that its memory is its own: argv[2] is the step, argv[3] the
// folder, argv[4] a number. Prints one line of JSON.
import { createHash } from "node:crypto";
import { openLedger, type EntryCodec, type Ledger } from "../src/ledger/index.js";
import { encodeRow } from "../src/ledger/entry-row.js";
import { openStore } from "../src/ledger/store/level-store.js";
import { ledgerPlace } from "../test/harness/ledger-place.js";
import type { AppendFigures, FillFigures } from "./ledger.js";
import { percentile } from "./statistics.js";

const codec: EntryCodec<unknown> = { encode: (entry) => entry, decode: (value) => value };
const rateWanted = 5000;
const tickMs = 2;
const fillBatch = 4096;
const appendersAtOnce = 256;
const fastestMs = 5000;

/** The commonest entry: the head of a live recording. */
function entryOf(index: number): object {
  const hash = createHash("sha256").update(String(index)).digest("hex");
  const session = `ses-${hash.slice(0, 12)}`;
  return { type: "recording.head", session, bytes: index * 911, blocks: index % 7919, hash };
}

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
  const one = async (): Promise<void> => {
    const asked = performance.now();
    await ledger.append(entryOf(ledger.size));
    waits.push(performance.now() - asked);
  };
  const begun = performance.now();
  await paced(begun, seconds * 1000, one);
  const perSecond = waits.length / ((performance.now() - begun) / 1000);
  const rssBytes = process.memoryUsage.rss();
  const fastestPerSecond = await fastest(ledger);
  await ledger.close();
  const [p50Ms, p99Ms] = [percentile(waits, 50), percentile(waits, 99)];
  return { openMs, perSecond, p50Ms, p99Ms, rssBytes, fastestPerSecond, size: ledger.size };
}

async function paced(begun: number, forMs: number, one: () => Promise<void>): Promise<void> {
  const running: Promise<void>[] = [];
  let asked = 0;
  await new Promise<void>((done) => {
    const timer = setInterval(() => {
      const passed = Math.min(forMs, performance.now() - begun);
      for (; asked < (passed * rateWanted) / 1000; asked += 1) running.push(one());
      if (passed < forMs) return;
      clearInterval(timer);
      done();
    }, tickMs);
  });
  await Promise.all(running);
}

async function fastest(ledger: Ledger<unknown>): Promise<number> {
  const [begun, from] = [performance.now(), ledger.size];
  const appender = async (): Promise<void> => {
    while (performance.now() - begun < fastestMs) await ledger.append(entryOf(ledger.size));
  };
  await Promise.all(Array.from({ length: appendersAtOnce }, appender));
  return (ledger.size - from) / ((performance.now() - begun) / 1000);
}

const [step, dir = "", amount = ""] = process.argv.slice(2);
const figures = step === "fill" ? await fill(dir, Number(amount)) : await append(dir, Number(amount));
process.stdout.write(`${JSON.stringify(figures)}\n`);
