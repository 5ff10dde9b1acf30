import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedger } from "../../src/ledger/index.js";
import { checkJournal } from "../harness/check-journal.js";
import { checkLogFiles } from "../harness/check-log-files.js";
import { killWriter } from "../harness/kill-writer.js";
import { ledgerPlace } from "../harness/ledger-place.js";
import { codec, textOf } from "./ledger-writer.js";

const rounds = 6;
const writer = join(import.meta.dirname, "ledger-writer.js");

/** The highest number that a writer had acknowledged when it was killed. */
async function writeAndKill(dir: string, moreMs: number): Promise<number> {
  return Math.max(...(await killWriter(writer, dir, { lines: 1, moreMs })).map(Number));
}

function readIfThere(path: string): Promise<Buffer | undefined> {
  return Promise.resolve(existsSync(path) ? readFileSync(path) : undefined);
}

describe("crash/ledger", function () {
  const dir = mkdtempSync(join(tmpdir(), "bascule-kill-"));
  after(() => rmSync(dir, { recursive: true }));

  it(`has every acknowledged entry, and a checkpoint no smaller than before, after each of ${rounds} kills of the writer`, async () => {
    const place = ledgerPlace(dir);
    let acknowledged = -1;
    let signedFor = 0;
    for (let round = 0; round < rounds; round += 1) {
      const highest = await writeAndKill(dir, Math.random() * 250);
      assert.ok(highest > acknowledged, `round ${round} acknowledged nothing new`);
      acknowledged = highest;

      const files = await checkLogFiles(
        (path) => readIfThere(join(place.files, path)),
        place.signer.verifier,
      );
      assert.ok(files.size >= signedFor, `round ${round}: a checkpoint was rolled back`);
      signedFor = files.size;

      const entries = await checkJournal(place.journal, () => undefined);
      assert.ok(
        entries > acknowledged,
        `round ${round}: ${acknowledged} was acknowledged, ${entries} are there`,
      );
      const ledger = await openLedger({ ...place, codec, nowMs: Date.now });
      let next = 0;
      for await (const { index, entry } of ledger.read()) {
        assert.equal(index, next);
        assert.equal(entry, textOf(index));
        next += 1;
      }
      assert.equal(next, entries);
      await ledger.close();
    }
    assert.ok(signedFor > 0, "no checkpoint was ever made before a kill");
  });
});
