import assert from "node:assert/strict";
import fc from "fast-check";
import { drawChannel, type Drawn, type Frame } from "../../../src/recording/index.js";
import {
  exec,
  frame,
  gathered,
  line,
  request,
  shell,
  shown,
  shownOnStderr,
  streamed,
  typed,
} from "./samples.js";

const draw = (frames: readonly Frame[], keys = false): Promise<Drawn[]> =>
  gathered(drawChannel(streamed(frames), 1, { keys }));
const text = (drawn: readonly Drawn[]): string =>
  drawn.map((item) => (item.kind === "output" || item.kind === "input" ? item.text : "")).join("");

describe("recording/drawn", () => {
  it("draws output, sizes and the exit, not input unless asked", async () => {
    const frames = [
      ...shell(1, { columns: 100, rows: 30 }),
      typed(2, "x"),
      shown(3, "x"),
      frame("channelRequest", "client", 4, request("window-change", false, 90, 20, 0, 0)),
      frame("channelRequest", "target", 5, request("exit-status", false, 1)),
    ];
    const expected: Drawn[] = [
      { kind: "resize", atUs: 1000, columns: 100, rows: 30 },
      { kind: "output", atUs: 3000, stream: "stdout", text: "x", bytes: Buffer.from("x") },
      { kind: "resize", atUs: 4000, columns: 90, rows: 20 },
      { kind: "exit", atUs: 5000, status: 1, signal: undefined },
    ];
    assert.deepEqual(await draw(frames), expected);
    assert.deepEqual(
      await draw(frames, true),
      expected.toSpliced(1, 0, { kind: "input", atUs: 2000, text: "x" }),
    );
  });

  it("carries over characters that packets split anywhere", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.array(fc.nat()), async (given, cuts) => {
        const bytes = Buffer.from(given);
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, index) => shown(index, bytes.subarray(at[index], end)));
        assert.equal(text(await draw([...shell(), ...pieces])), given);
      }),
    );
  });

  for (const [name, pieces, expected] of [
    ["an invalid byte", ["61ff62"], "a\ufffdb"],
    ["a character that never ends", ["61e282"], "a\ufffd"],
    ["an overlong form", ["c0af"], "\ufffd\ufffd"],
    ["a byte order mark", ["efbbbf61"], "\ufeffa"],
  ] as const)
    it(`replaces no more than needed of ${name}`, async () => {
      const frames = pieces.map((hex, index) => shown(index, Buffer.from(hex, "hex")));
      assert.equal(text(await draw([...shell(), ...frames])), expected);
    });

  it("does not let stderr and notices break into a character of stdout", async () => {
    const [first, second] = [Buffer.from("ü").subarray(0, 1), Buffer.from("ü").subarray(1)];
    const drawn = await draw([
      ...exec("x"),
      shown(1, first),
      shownOnStderr(2, "wrong"),
      frame("notice", "bastion", 3, "5 minutes left"),
      shown(4, second),
    ]);
    assert.deepEqual(
      drawn.map((item) => item.kind === "output" && [item.stream, item.text]),
      [
        ["stdout", ""],
        ["stderr", "wrong"],
        ["notice", "5 minutes left"],
        ["stdout", "ü"],
      ],
    );
  });

  for (const [name, unsealed, expected] of [
    ["what may be shown of typing", [], "noise\r\n••\r"],
    ["typing itself, where it was unsealed", [typed(1, "pw"), typed(3, "\r")], "pwnoise\r\r\n"],
  ] as const)
    it(`draws ${name}`, async () => {
      const rest = [shown(2, "noise"), shown(4, "\r\n"), line(5, "••\r")];
      const frames = [...unsealed, ...rest].sort((one, other) => one.atUs - other.atUs);
      assert.equal(text(await draw([...shell(), ...frames], true)), expected);
    });

  it("draws the stdin of a command as it was: nothing echoes it", async () => {
    assert.equal(text(await draw([...exec("cat"), typed(1, "data")], true)), "data");
  });

  it("draws one channel only", async () => {
    assert.equal(
      text(await draw([...shell(), ...shell(0, { channel: 2 }), shown(1, "mine"), shown(1, "other", 2)])),
      "mine",
    );
  });
});
