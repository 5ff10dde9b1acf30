import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../../../src/ledger/store/level-store.js";
import { MemoryStore } from "./memory-store.js";
import { storeContract } from "./store-contract.js";

const dir = mkdtempSync(join(tmpdir(), "bascule-store-"));
const disk = new Map<number, Buffer>();

after(() => rmSync(dir, { recursive: true }));

storeContract(
  "level",
  () => openStore(join(dir, "ledger"), { create: true }),
  () => rmSync(join(dir, "ledger"), { recursive: true, force: true }),
);
storeContract(
  "memory",
  () => Promise.resolve(new MemoryStore(disk)),
  () => disk.clear(),
);

describe("ledger/store/level-store", () => {
  it("refuses a second opening with one clear line", async () => {
    const store = await openStore(join(dir, "twice"), { create: true });
    await assert.rejects(openStore(join(dir, "twice"), { create: true }), {
      code: "in-use",
      message: `another bascule is using ${join(dir, "twice")}`,
    });
    await store.close();
  });

  it("makes a folder that only its owner can read", async () => {
    await (await openStore(join(dir, "own"), { create: true })).close();
    assert.equal(statSync(join(dir, "own")).mode & 0o777, 0o700);
  });

  it("makes nothing where it is told not to", async () => {
    await assert.rejects(openStore(join(dir, "absent"), { create: false }), { code: "not-found" });
    assert.ok(!readdirSync(dir).includes("absent"));
  });

  it("says so when the place is no folder", async () => {
    await assert.rejects(openStore("/dev/null/ledger", { create: true }), { code: "store-failed" });
  });
});
