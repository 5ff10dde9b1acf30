import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bench } from "./bench.js";

describe("control/keep-policy", () => {
  it("keeps each policy that was in force under its hash, which the ledger and the recordings name", async () => {
    const bench = await Bench.open();
    bench.writeConfig("[postgres]");
    await bench.control.useConfig(await bench.config());
    const named: string[] = [];
    for await (const { entry } of bench.control.ledger.history()) {
      if (entry.type === "bastion.started") named.push(entry.policy);
      if (entry.type === "policy.loaded") named.push(entry.hash);
    }
    const folder = join(bench.control.paths.ledger, "policy");
    assert.deepEqual(readdirSync(folder).sort(), named.map((hash) => `${hash}.json`).sort());
    assert.equal(new Set(named).size, 2);
    for (const hash of named) {
      const path = join(folder, `${hash}.json`);
      assert.equal(createHash("sha256").update(readFileSync(path)).digest("hex"), hash);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
  });

  it("does not go on with a document that was changed", async () => {
    const bench = await Bench.open();
    const { policy, paths } = bench.control;
    await bench.control.close();
    writeFileSync(join(paths.ledger, "policy", `${policy.hash}.json`), "{}");
    await assert.rejects(bench.start(), { code: "policy-changed" });
  });
});
