import assert from "node:assert/strict";
import fc from "fast-check";
import { EndMark } from "../../../src/demo/end-mark.js";

const random = Buffer.alloc(16, 7);

function run(chunks: readonly Buffer[]): { output: string; isFound: boolean; held: string } {
  const mark = new EndMark(random);
  const output = Buffer.concat(chunks.map((chunk) => mark.take(chunk)));
  return { output: output.toString("latin1"), isFound: mark.isFound, held: mark.rest().toString("latin1") };
}

describe("demo/end-mark", () => {
  const mark = new EndMark(random).bytes;

  it("passes on what comes before the mark, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(fc.nat({ max: 60 })), (text, cuts) => {
        const all = Buffer.concat([text, mark, Buffer.from("after")]);
        const chunks: Buffer[] = [];
        let rest: Buffer = all;
        for (const cut of cuts) {
          chunks.push(rest.subarray(0, cut));
          rest = rest.subarray(cut);
        }
        const { output, isFound } = run([...chunks, rest]);
        assert.equal(isFound, true);
        assert.equal(output, Buffer.from(text).toString("latin1"));
      }),
    );
  });

  it("holds back nothing that cannot become the mark", () => {
    assert.deepEqual(run([Buffer.from("text")]), { output: "text", isFound: false, held: "" });
  });

  it("gives back what looked like the mark and was not", () => {
    const half = mark.subarray(0, 9);
    assert.equal(run([half]).held, half.toString("latin1"));
    assert.equal(run([half, Buffer.from("!")]).output, `${half.toString("latin1")}!`);
  });
});
