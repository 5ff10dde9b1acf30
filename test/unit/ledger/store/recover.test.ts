import assert from "node:assert/strict";
import { encodeRow } from "../../../../src/ledger/entry-row.js";
import {
  openLedgerOn,
  parseNote,
  signCheckpoint,
  type EntryCodec,
  type HealedRange,
  type Ledger,
} from "../../../../src/ledger/index.js";
import { testSigner as signer } from "../../../harness/ledger-place.js";
import { MemoryDisk } from "./memory-disk.js";
import { MemoryStore } from "./memory-store.js";

const codec: EntryCodec<string> = { encode: String, decode: String };
const entries = 600;

describe("ledger/store/recover", () => {
  let disk: MemoryDisk;
  let rows: Map<number, Buffer>;
  let healed: HealedRange[];

  const open = (): Promise<Ledger<string>> =>
    openLedgerOn(
      { store: new MemoryStore(rows), disk, files: "/ledger", signer },
      { codec, nowMs: () => 7, onHealed: (range) => healed.push(range) },
    );
  const refuses = (code: string): Promise<void> => assert.rejects(open(), { code });
  const textAt = async (path: string): Promise<string> =>
    (await disk.read(`/ledger/${path}`))?.toString() ?? "";

  /** All entries are there, as they were. */
  async function isWhole(): Promise<void> {
    const ledger = await open();
    const all: string[] = [];
    for await (const { entry } of ledger.read()) all.push(entry);
    await ledger.close();
    assert.deepEqual(
      all,
      Array.from({ length: entries }, (_, index) => `entry ${index}`),
    );
  }

  beforeEach(async () => {
    disk = new MemoryDisk();
    rows = new Map();
    healed = [];
    const ledger = await open();
    for (let index = 0; index < entries; index += 1) void ledger.append(`entry ${index}`);
    await ledger.close();
  });

  it("opens what it closed, with a checkpoint of all of it, and has nothing to heal", async () => {
    await isWhole();
    assert.deepEqual(healed, []);
    assert.equal((await textAt("checkpoint")).split("\n")[1], String(entries));
  });

  it("puts back rows that are missing or damaged, and the whole journal if need be", async () => {
    for (const index of [3, 4, 255, 256, 599]) rows.delete(index);
    rows.get(300)![40]! ^= 1;
    await isWhole();
    assert.deepEqual(healed, [
      { from: 3, to: 4 },
      { from: 255, to: 256 },
      { from: 300, to: 300 },
      { from: 599, to: 599 },
    ]);
    rows.clear();
    healed = [];
    await isWhole();
    assert.deepEqual(healed, [{ from: 0, to: entries - 1 }]);
  });

  it("puts back a row that is damaged while the ledger is open", async () => {
    const ledger = await open();
    rows.get(300)![40]! ^= 1;
    const all: string[] = [];
    for await (const { entry } of ledger.read(299)) all.push(entry);
    await ledger.close();
    assert.deepEqual(all.slice(0, 2), ["entry 299", "entry 300"]);
    assert.deepEqual(healed, [{ from: 300, to: 300 }]);
  });

  it("refuses a journal with a whole entry that is not the one that was signed for", async () => {
    rows.set(300, encodeRow({ index: 300, atMs: 7, entry: "forged" }, codec));
    await refuses("root-mismatch");
    rows.delete(301);
    await refuses("root-mismatch");
  });

  it("refuses a journal that lost what no bundle proves", async () => {
    rows.delete(599);
    disk.put("/ledger/tile/entries/002.p/88", Buffer.from("no bundle"));
    await refuses("journal-behind");
    rows.set(599, Buffer.alloc(80));
    await refuses("damaged-entry");
  });

  for (const [name, spoil] of [
    ["is gone", () => disk.remove("/ledger/checkpoint")],
    ["was cut", () => disk.put("/ledger/checkpoint", Buffer.from("bastion"))],
  ] as const)
    it(`refuses when the checkpoint ${name}, with or without a journal`, async () => {
      await spoil();
      await refuses("checkpoint-missing");
      rows.clear();
      await refuses("checkpoint-missing");
    });

  it("refuses a checkpoint of another root, and tiles that were changed", async () => {
    const root = Buffer.alloc(32, 1);
    const whole = await textAt("checkpoint");
    const forged = signCheckpoint({ origin: signer.verifier.name, size: entries, root }, signer);
    disk.put("/ledger/checkpoint", Buffer.from(forged));
    await refuses("root-mismatch");
    disk.put("/ledger/checkpoint", Buffer.from(whole));
    const tile = Buffer.from((await disk.read("/ledger/tile/0/002.p/88"))!);
    tile[0]! ^= 1;
    disk.put("/ledger/tile/0/002.p/88", tile);
    await refuses("root-mismatch");
  });

  it("refuses a checkpoint that is older than what witnesses signed, and another tree than theirs", async () => {
    const ledger = await open();
    const { text } = parseNote(ledger.checkpoint);
    const keyId = Buffer.alloc(4, 9);
    assert.ok(
      await ledger.addCosignatures(text, [{ name: "witness", keyId, signature: Buffer.alloc(72, 1) }]),
    );
    assert.match(ledger.checkpoint, /^— witness /mu);
    await ledger.close();
    await isWhole();
    const witnessed = await textAt("checkpoint.witnessed");
    assert.equal(witnessed, await textAt("checkpoint"));
    const origin = signer.verifier.name;
    for (const size of [entries, entries + 1]) {
      const other = signCheckpoint({ origin, size, root: Buffer.alloc(32, 1) }, signer);
      disk.put("/ledger/checkpoint.witnessed", Buffer.from(other));
      await refuses("root-mismatch");
    }
  });

  it("takes nothing more when the journal is damaged before its checkpoint", async () => {
    const ledger = await open();
    await ledger.append(`entry ${entries}`);
    rows.get(entries)![40]! ^= 1;
    await assert.rejects(ledger.publish(), { code: "damaged-entry" });
    await assert.rejects(ledger.append("more"), { code: "damaged-entry" });
    await ledger.close();
  });

  it("keeps partial tiles of the last two checkpoints, and none that a crash left", async () => {
    const partials = (): string[] =>
      disk.paths.filter((path) => path.includes("/0/") && path.includes(".p/"));
    const ledger = await open();
    for (let more = 0; more < 3; more += 1) {
      await ledger.append(`entry ${entries + more}`);
      await ledger.publish();
    }
    await ledger.close();
    assert.deepEqual(partials().sort(), ["/ledger/tile/0/002.p/90", "/ledger/tile/0/002.p/91"]);
    disk.put("/ledger/tile/0/002.p/99", Buffer.alloc(99 * 32));
    await (await open()).close();
    assert.deepEqual(partials(), ["/ledger/tile/0/002.p/91"]);
  });
});
