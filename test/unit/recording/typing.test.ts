import assert from "node:assert/strict";
import { Typing } from "../../../src/recording/index.js";

const bytes = (text: string): Buffer => Buffer.from(text);

describe("recording/typing", () => {
  it("tells each channel's lines as they are decided", () => {
    const typing = new Typing();
    assert.deepEqual(typing.typed(1, bytes("su\r"), 0), []);
    assert.deepEqual(typing.typed(2, bytes("id\r"), 0), []);
    assert.deepEqual(typing.echoed(1, bytes("su\r\nPassword: "), 1), [
      { channel: 1, text: "su\r", fromUs: 0, fromBlock: 0 },
    ]);
    assert.deepEqual(typing.typed(1, bytes("hunter2\r"), 2, 7), []);
    assert.deepEqual(typing.echoed(1, bytes("\r\n# "), 3), [
      { channel: 1, text: "•••••••\r", fromUs: 2, fromBlock: 7 },
    ]);
    assert.equal(typing.waiting, true);
    assert.deepEqual(typing.finish(), [{ channel: 2, text: "••\r", fromUs: 0, fromBlock: 0 }]);
    assert.equal(typing.waiting, false);
  });

  it("puts characters together that packets split, going either way", () => {
    const typing = new Typing();
    const [first, second] = [bytes("ü").subarray(0, 1), bytes("ü").subarray(1)];
    typing.typed(1, first, 0);
    typing.typed(1, Buffer.concat([second, bytes("\r")]), 0);
    typing.echoed(1, first, 1);
    assert.deepEqual(typing.echoed(1, Buffer.concat([second, bytes("\r\n")]), 1), [
      { channel: 1, text: "ü\r", fromUs: 0, fromBlock: 0 },
    ]);
  });

  it("does not look at output when nothing was typed lately", () => {
    const typing = new Typing();
    const unread = new Proxy(Buffer.alloc(1), { get: () => assert.fail("it was looked at") });
    typing.echoed(1, unread, 0);
    typing.typed(1, bytes("a"), 1);
    assert.deepEqual(typing.expire(3_000_000), [{ channel: 1, text: "•", fromUs: 1, fromBlock: 0 }]);
    typing.echoed(1, unread, 3_000_001);
  });

  it("cuts what is longer than a frame holds", () => {
    const typing = new Typing();
    const texts = typing.typed(1, bytes("x".repeat(70_000)), 0);
    assert.equal(texts.map(({ text }) => text).join(""), "•".repeat(70_000));
    assert.ok(texts.every(({ text }) => Buffer.byteLength(text) <= 64 * 1024));
  });
});
