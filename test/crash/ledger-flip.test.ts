import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LedgerError, openLedger } from "../../src/ledger/index.js";
import { ledgerPlace } from "../harness/ledger-place.js";
import { codec, textOf } from "./ledger-writer.js";

const entries = 200;
const places = 60;

/** All that a ledger gives until it says that something is wrong; `fault` is what it said. */
async function readAll(
  dir: string,
): Promise<{ readonly texts: readonly string[]; readonly fault?: unknown }> {
  const texts: string[] = [];
  try {
    const ledger = await openLedger({ ...ledgerPlace(dir), codec, nowMs: Date.now });
    try {
      for await (const { entry } of ledger.read()) texts.push(entry);
    } finally {
      await ledger.close();
    }
  } catch (fault) {
    return { texts, fault };
  }
  return { texts };
}

describe("crash/ledger flipped bytes", function () {
  this.timeout(60_000);
  const dir = mkdtempSync(join(tmpdir(), "bascule-flip-"));
  const whole = join(dir, "whole");
  before(async () => {
    const ledger = await openLedger({ ...ledgerPlace(whole), codec, nowMs: Date.now });
    for (let sequence = 0; sequence < entries; sequence += 1) await ledger.append(textOf(sequence));
    await ledger.close();
  });
  after(() => rmSync(dir, { recursive: true }));

  it("gives no wrong entry and leaves none out, wherever in LevelDB's log a byte changed", async () => {
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

      const { texts, fault } = await readAll(copy);
      assert.deepEqual(
        texts,
        texts.map((_, index) => textOf(index)),
      );
      if (fault !== undefined) assert.ok(fault instanceof LedgerError);
      if (fault !== undefined) seen += 1;
      // Known hole of this store alone: what is lost from the very end leaves no trace.
      else assert.ok(texts.length < entries, `a changed byte at place ${place} changed nothing`);
      rmSync(copy, { recursive: true });
    }
    assert.ok(seen > places / 2, `only ${seen} of ${places} were seen`);
  });
});
