import assert from "node:assert/strict";
import { ReadPace } from "../../../src/ssh2/read-pace.js";

const bytesMax = 256 * 1024;
const [packet, several] = [32_804, 5 * 32_804];

/** How many of `reads` reads in a row of `bytes` it rests after. */
function rests(pace: ReadPace, bytes: number, reads: number): number {
  return Array.from({ length: reads }, () => pace.restsAfter(bytes, bytesMax)).filter(Boolean).length;
}

describe("ssh2/read-pace", () => {
  for (const [name, bytes, expected] of [
    ["never for what people type and see", 4000, 0],
    ["after each read that brought several packets", several, 100],
    ["never where more is there already", bytesMax, 0],
  ] as const)
    it(`rests ${name}`, () => assert.equal(rests(new ReadPace(), bytes, 100), expected));

  it("rests less and less for a peer that waits for each answer", () => {
    const pace = new ReadPace();
    const early = rests(pace, packet, 1000);
    assert.ok(early > 0 && early < 10, `${early} of 1000`);
    assert.ok(rests(pace, packet, 10_000) <= 10);
  });

  it("rests again at once where it is worth it again", () => {
    const pace = new ReadPace();
    rests(pace, packet, 10_000);
    while (!pace.restsAfter(packet, bytesMax));
    assert.equal(rests(pace, several, 50), 50);
  });

  it("takes a read of little after a rest for one that brought nothing more", () => {
    const pace = new ReadPace();
    assert.ok(pace.restsAfter(packet, bytesMax));
    assert.equal(pace.restsAfter(100, bytesMax), false);
    assert.equal(pace.restsAfter(several, bytesMax), false);
  });
});
