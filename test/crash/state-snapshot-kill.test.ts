import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { emptyState, tryFold } from "../../src/access/index.js";
import { Keeper } from "../../src/control/keeper.js";
import { keeperPlace, silentLog } from "../harness/keeper-place.js";
import { temporaryFolder } from "../harness/temporary.js";
import { inOrder } from "../unit/access/lives.js";

const rounds = 3;
const writer = join(import.meta.dirname, "state-writer.js");

/** Lets a writer run until it has written some snapshots and `moreMs` have passed. */
async function writeAndKill(folder: string, moreMs: number): Promise<void> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("latin1").on("data", (text: string) => (printed += text));
  const ended = once(child, "close");
  while (printed.split("\n").length < 3 && child.exitCode === null)
    await Promise.race([once(child.stdout, "data"), ended]);
  await sleep(moreMs); // so that the kill may come at any of the steps
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL");
}

describe("crash/state-snapshot-kill", function () {
  this.timeout(60_000);

  it(`takes the state up from a snapshot, the same as all entries make, after each of ${rounds} kills`, async () => {
    const folder = temporaryFolder("state-kill");
    for (let round = 0; round < rounds; round += 1) {
      await writeAndKill(folder, Math.random() * 30);
      const keeper = await Keeper.open(keeperPlace(folder), {
        ...{ nowMs: Date.now, log: silentLog },
        onFailure: () => assert.fail("the ledger failed"),
        onImpossible: () => assert.fail("an entry was left out"),
      });
      const state = emptyState();
      for await (const { entry, atMs } of keeper.read()) tryFold(state, entry, atMs);
      assert.deepEqual(inOrder(keeper.state), inOrder(state));
      const { snapshot, folded, refused } = keeper.derivation;
      assert.equal(refused, undefined);
      assert.ok(snapshot > 0);
      assert.equal(snapshot + folded, keeper.size);
      await keeper.close();
    }
  });
});
