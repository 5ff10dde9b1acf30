import assert from "node:assert/strict";
import { join } from "node:path";
import { emptyState, tryFold } from "../../src/access/index.js";
import { Keeper } from "../../src/control/keeper.js";
import { keeperPlace, silentLog } from "../harness/keeper-place.js";
import { killWriter } from "../harness/kill-writer.js";
import { temporaryFolder } from "../harness/temporary.js";
import { inOrder } from "../unit/access/lives.js";

const rounds = 3;
const writer = join(import.meta.dirname, "state-writer.js");

describe("crash/state-snapshot-kill", function () {
  this.timeout(60_000);

  it(`takes the state up from a snapshot, the same as all entries make, after each of ${rounds} kills`, async () => {
    const folder = temporaryFolder("state-kill");
    for (let round = 0; round < rounds; round += 1) {
      await killWriter(writer, folder, { lines: 2, moreMs: Math.random() * 30 });
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
