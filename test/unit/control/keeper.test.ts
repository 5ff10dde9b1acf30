import assert from "node:assert/strict";
import { AccessError, newId, type AccessEvent } from "../../../src/access/index.js";
import { Keeper } from "../../../src/control/keeper.js";
import { closeAfterwards } from "../../harness/closing.js";
import { keeperPlace, silentLog } from "../../harness/keeper-place.js";
import { temporaryFolder } from "../../harness/temporary.js";

describe("control/keeper", () => {
  it("leaves out what cannot be, now and at the next start, and goes on", async () => {
    const place = keeperPlace(temporaryFolder("keeper"));
    const leftOut: number[] = [];
    const options = {
      nowMs: () => 5,
      log: silentLog,
      onFailure: () => assert.fail("the ledger failed"),
      onImpossible: (index: number) => leftOut.push(index),
    };
    const grant = newId("grt", Buffer.alloc(8));
    const impossible: AccessEvent = { type: "grant.revoked", grant, by: "bob", reason: "never issued" };
    const keeper = await Keeper.open(place, options);
    const ends = await Promise.allSettled([
      keeper.record({ type: "lock.set", kind: "identity", name: "alice", by: "bob", reason: "lost" }),
      keeper.record(impossible),
      keeper.record({ type: "lock.set", kind: "target", name: "prod", by: "bob", reason: "lost" }),
    ]);
    assert.deepEqual(
      ends.map(({ status }) => status),
      ["fulfilled", "rejected", "fulfilled"],
    );
    const [, refused] = ends;
    assert.ok(refused.status === "rejected" && refused.reason instanceof AccessError);
    assert.equal(refused.reason.code, "impossible-event");
    await keeper.close();
    const again = await Keeper.open(place, options);
    closeAfterwards(() => again.close());
    assert.deepEqual(leftOut, [1, 1]);
    assert.deepEqual([...again.state.locks.keys()], ["identity alice", "target prod"]);
  });
});
