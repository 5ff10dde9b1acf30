import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openLedger } from "../../src/ledger/index.js";
import { checkJournal } from "../harness/check-journal.js";
import { checkLogFiles } from "../harness/check-log-files.js";
import { ledgerPlace } from "../harness/ledger-place.js";
import { codec, textOf } from "./ledger-writer.js";

const rounds = 6;
const writer = join(import.meta.dirname, "ledger-writer.js");

/** Lets a writer run until it has acknowledged something and `moreMs` have passed; the highest number it acknowledged. */
async function writeAndKill(dir: string, moreMs: number): Promise<number> {
  const child = spawn(process.execPath, [writer, dir], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => (printed += text));
  const ended = once(child, "close");
  await Promise.race([once(child.stdout, "data"), ended]);
  await sleep(moreMs);
  child.kill("SIGKILL");
  await ended;
  const acknowledged = printed.slice(0, printed.lastIndexOf("\n")).split("\n").map(Number);
  return Math.max(...acknowledged);
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
