import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LedgerError, openLedger, type HealedRange } from "../../src/ledger/index.js";
import { ledgerPlace } from "../harness/ledger-place.js";
import { codec, textOf } from "./ledger-writer.js";

const entries = 200;
const places = 40;
/** In each of LevelDB's other files. */
const placesEach = 12;
const wholeTexts = Array.from({ length: entries }, (_, index) => textOf(index));

/** All that a ledger gives until it says that something is wrong; `fault` is what it said. */
async function readAll(
  dir: string,
): Promise<{ readonly texts: readonly string[]; readonly healed: number; readonly fault?: unknown }> {
  const texts: string[] = [];
  let healed = 0;
  const onHealed = ({ from, to }: HealedRange): void => void (healed += to - from + 1);
  try {
    const ledger = await openLedger({ ...ledgerPlace(dir), codec, nowMs: Date.now, onHealed });
    try {
      for await (const { entry } of ledger.read()) texts.push(entry);
    } finally {
      await ledger.close();
    }
  } catch (fault) {
    return { texts, healed, fault };
  }
  return { texts, healed };
}

describe("crash/ledger flipped bytes", function () {
  const dir = mkdtempSync(join(tmpdir(), "bascule-flip-"));
  const whole = join(dir, "whole");
  before(async () => {
    const ledger = await openLedger({ ...ledgerPlace(whole), codec, nowMs: Date.now });
    for (let sequence = 0; sequence < entries; sequence += 1) await ledger.append(textOf(sequence));
    await ledger.close();
  });
  after(() => rmSync(dir, { recursive: true }));

  it("puts back what was lost, wherever in LevelDB's log a byte changed", async () => {
    const [log] = readdirSync(ledgerPlace(whole).journal).filter((name) => name.endsWith(".log"));
    assert.ok(log !== undefined);
    const bytes = readFileSync(join(ledgerPlace(whole).journal, log));
    let seen = 0;
    for (let place = 0; place < places; place += 1) {
      const copy = join(dir, `copy-${place}`);
      cpSync(whole, copy, { recursive: true });
      const flipped = Buffer.from(bytes);
      flipped[Math.floor(((place + 0.5) / places) * bytes.length)]! ^= 1 << (place % 8);
      writeFileSync(join(ledgerPlace(copy).journal, log), flipped);

      const { texts, fault, healed } = await readAll(copy);
      assert.equal(fault, undefined);
      assert.deepEqual(texts, wholeTexts);
      if (healed > 0) seen += 1;
      rmSync(copy, { recursive: true });
    }
    assert.equal(seen, places, "a changed byte changed nothing");
  });

  it("gives every entry or says what is wrong, wherever in any of LevelDB's files a byte changed or the rest is gone", async () => {
    const tables = join(dir, "tables");
    cpSync(whole, tables, { recursive: true });
    await readAll(tables); // opening it moves the log's entries into a table
    const names = readdirSync(ledgerPlace(tables).journal).filter((name) => name !== "LOCK");
    assert.ok(
      names.some((name) => name.endsWith(".ldb")) && names.some((name) => name.startsWith("MANIFEST")),
    );
    let [mended, refused] = [0, 0];
    for (const name of names)
      for (const { what, bytes } of damagesOf(readFileSync(join(ledgerPlace(tables).journal, name)))) {
        const copy = join(dir, "copy");
        cpSync(tables, copy, { recursive: true });
        const path = join(ledgerPlace(copy).journal, name);
        if (bytes === undefined) rmSync(path);
        else writeFileSync(path, bytes);
        const { texts, fault, healed } = await readAll(copy);
        assert.ok(fault === undefined || fault instanceof LedgerError, `${name} ${what}: ${fault as Error}`);
        const right = fault === undefined ? wholeTexts : wholeTexts.slice(0, texts.length);
        assert.deepEqual(texts, right, `${name} ${what}`);
        if (healed > 0) mended += 1;
        if (fault !== undefined) refused += 1;
        rmSync(copy, { recursive: true });
      }
    assert.ok(mended > 0 && refused > 0, `${mended} mended, ${refused} refused`);
  });
});

function* damagesOf(whole: Buffer): Generator<{ readonly what: string; readonly bytes: Buffer | undefined }> {
  const { length } = whole;
  for (let place = 0; place < Math.min(placesEach, length); place += 1) {
    const at = Math.floor(((place + 0.5) / placesEach) * length);
    const bytes = Buffer.from(whole);
    bytes[at]! ^= 1 << (place % 8);
    yield { what: `changed at ${at}`, bytes };
  }
  for (const left of [0, length >> 1, length - 1])
    if (left >= 0) yield { what: `cut to ${left} bytes`, bytes: whole.subarray(0, left) };
  yield { what: "gone", bytes: undefined };
}
