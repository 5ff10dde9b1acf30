import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bundlePath,
  frontierOf,
  parseTilePath,
  proveInclusion,
  rootOf,
  tileHash,
  tilePath,
  tilesBetween,
  type Tile,
} from "../../../../src/ledger/index.js";
import { TiledLog } from "../../../harness/tiled-log.js";

const paths: readonly [path: string, tile: Tile][] = [
  ["tile/0/000", { level: 0, index: 0, width: 256 }],
  ["tile/0/000.p/1", { level: 0, index: 0, width: 1 }],
  ["tile/1/255.p/255", { level: 1, index: 255, width: 255 }],
  ["tile/0/x001/000", { level: 0, index: 1000, width: 256 }],
  ["tile/63/x001/x234/067.p/112", { level: 63, index: 1_234_067, width: 112 }],
];

const notPaths = [
  ...[
    "",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/000/",
    "/tile/0/000",
    "tile/0/000.p/",
    "tile/00/000",
  ],
  ...["tile/64/000", "tile/-1/000", "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/x001/x000"],
  ...[
    "tile/0/000.p/0",
    "tile/0/000.p/01",
    "tile/0/000.p/256",
    "tile/0/000.p/999",
    "tile/0/000.p/1/",
    "tile/0/000\n",
  ],
  ...["tile/8/0/000", "tile/entries", "tile/entries/", "tile/entries/000.P/1", "tile/data/000", "tile/0/٠٠٠"],
  "tile/0/x999/x999/x999/x999/x999/999",
];

describe("ledger/tree/tile", () => {
  for (const [path, tile] of paths) {
    it(`names ${path}`, () => {
      assert.equal(tilePath(tile), path);
      assert.deepEqual(parseTilePath(path), { tile });
      const bundle = { index: tile.index, width: tile.width };
      assert.deepEqual(parseTilePath(bundlePath(tile)), { bundle });
    });
  }

  it("reads no other path", () => {
    for (const path of notPaths) assert.equal(parseTilePath(path), undefined, JSON.stringify(path));
  });

  it("says which tiles a log of 70,000 has, as C2SP tlog-tiles counts them", () => {
    const tiles = tilesBetween(0, 70_000);
    const [full, partial] = [
      tiles.filter(({ width }) => width === 256),
      tiles.filter(({ width }) => width < 256),
    ];
    assert.equal(full.filter(({ level }) => level === 0).length, 273);
    assert.equal(full.length, 274);
    assert.deepEqual(partial, [
      { level: 0, index: 273, width: 112 },
      { level: 1, index: 1, width: 17 },
      { level: 2, index: 0, width: 1 },
    ]);
    assert.deepEqual(tilesBetween(255, 256), [
      { level: 0, index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ]);
  });

  it("needs nothing of an older size again: growth in steps makes every tile of the end once", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, (unsorted) => {
        const steps = [0, ...unsorted.sort((a, b) => a - b)];
        const made = steps.slice(1).flatMap((size, at) => tilesBetween(steps[at] ?? 0, size).map(tilePath));
        assert.equal(new Set(made).size, made.length);
        const wanted = tilesBetween(0, steps.at(-1) ?? 0).map(tilePath);
        assert.deepEqual(
          wanted.filter((path) => !made.includes(path)),
          [],
        );
      }),
      { numRuns: 20 },
    );
  });

  it("refuses a tile of another length", async () => {
    const log = TiledLog.of(300);
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(31), Buffer.alloc(32 * 45), Buffer.alloc(8193)]) {
      const read = (): Promise<Buffer> => Promise.resolve(bytes);
      await assert.rejects(rootOf(read, 300), { code: "tile-invalid" });
      await assert.rejects(frontierOf(read, 300), { code: "tile-invalid" });
      await assert.rejects(proveInclusion(read, 3, 300), { code: "tile-invalid" });
      assert.throws(() => tileHash(bytes), { code: "tile-invalid" });
    }
    assert.deepEqual(tileHash(await log.read({ level: 0, index: 0, width: 256 })), log.root(256));
  });
});
