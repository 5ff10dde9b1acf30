import assert from "node:assert/strict";
import { JumpChannel, jumpPacketBytes, jumpWindowBytes } from "../../../src/proxy/jump-channel.js";
import { FakeTransport } from "./fake-transport.js";
import { adjust, bytesIn, close, data, eof } from "./messages.js";

const remoteNumber = 5;

function jump(window = 1_000_000, packetBytes = 32_768) {
  const outer = new FakeTransport();
  const heard: string[] = [];
  let taken: Buffer = Buffer.alloc(0);
  const channel = new JumpChannel(outer.asTransport, { remoteNumber, window, packetBytes }, () =>
    heard.push("released"),
  );
  channel.onData = (bytes) => (taken = Buffer.concat([taken, bytes]));
  channel.onDrain = () => heard.push("drain");
  channel.onClose = () => heard.push("close");
  return { channel, outer, heard, taken: () => taken };
}

const turn = () => Promise.resolve();
const lengths = (payloads: readonly Buffer[]) => payloads.map((payload) => bytesIn(payload).length);

describe("proxy/jump-channel, towards the client", () => {
  it("sends the writes of one turn together", async () => {
    const { channel, outer } = jump();
    channel.write(Buffer.from("ab"));
    channel.write(Buffer.from("cd"));
    assert.deepEqual(outer.sent, []);
    await turn();
    assert.deepEqual(outer.take(), [data(remoteNumber, "abcd")]);
    assert.equal(channel.queuedBytes, 0);
  });

  it("cuts what it sends to the client's packets, across the writes", async () => {
    const { channel, outer } = jump(1_000_000, 1024);
    const bytes = Buffer.from(Array.from({ length: 3000 }, (_, at) => at % 251));
    channel.write(bytes.subarray(0, 1500));
    channel.write(bytes.subarray(1500));
    await turn();
    assert.deepEqual(lengths(outer.sent), [1024, 1024, 952]);
    assert.deepEqual(Buffer.concat(outer.sent.map(bytesIn)), bytes);
  });

  it("sends no packet larger than all must take, whatever the client says it takes", async () => {
    const { channel, outer } = jump(1_000_000, 0xffff_ffff);
    channel.write(Buffer.alloc(100_000));
    await turn();
    assert.ok(lengths(outer.sent).every((length) => length <= jumpPacketBytes));
  });

  it("keeps what the client has no window for, and counts it", async () => {
    const { channel, outer, heard } = jump(100);
    channel.write(Buffer.alloc(250));
    await turn();
    assert.deepEqual(lengths(outer.take()), [100]);
    assert.equal(channel.queuedBytes, 150);
    channel.receiveWindow(100);
    assert.deepEqual(lengths(outer.take()), [100]);
    channel.receiveWindow(1000);
    assert.deepEqual(lengths(outer.take()), [50]);
    assert.deepEqual(heard, ["drain", "drain", "drain"]);
  });

  it("keeps what the outer connection has no room for, until that has drained", async () => {
    const { channel, outer } = jump();
    outer.queuedBytes = 1024 * 1024;
    channel.write(Buffer.alloc(100));
    await turn();
    assert.deepEqual([outer.sent, channel.queuedBytes], [[], 100]);
    outer.queuedBytes = 0;
    channel.pump();
    assert.deepEqual([lengths(outer.sent), channel.queuedBytes], [[100], 0]);
  });
});

describe("proxy/jump-channel, from the client", () => {
  it("grants more only for what was taken, half a window at a time", () => {
    const { channel, outer, taken } = jump();
    const half = jumpWindowBytes / 2;
    channel.receive(Buffer.alloc(half - 1));
    assert.deepEqual(outer.take(), []);
    channel.receive(Buffer.alloc(1));
    assert.deepEqual(outer.take(), [adjust(remoteNumber, half)]);
    assert.equal(taken().length, half);
    channel.pause();
    channel.receive(Buffer.alloc(half));
    assert.deepEqual(outer.take(), []);
    channel.resume();
    assert.deepEqual(outer.take(), [adjust(remoteNumber, half)]);
  });

  it("keeps the order of what arrived while it was paused, once or again", () => {
    const { channel, taken } = jump();
    const deliver = channel.onData;
    channel.pause();
    for (const letter of "abcdef") channel.receive(Buffer.from(letter));
    channel.onData = (bytes) => {
      deliver(bytes);
      if (bytes.toString() === "c") channel.pause();
    };
    channel.resume();
    assert.equal(taken().toString(), "abc");
    channel.receive(Buffer.from("g"));
    channel.resume();
    assert.equal(taken().toString(), "abcdefg");
  });

  it("keeps what arrived while it was paused, though its memory is used again", () => {
    const { channel, taken } = jump();
    const memory = Buffer.from("first");
    channel.pause();
    channel.receive(memory);
    memory.write("other");
    channel.resume();
    assert.equal(taken().toString(), "first");
  });

  it("keeps a great many small pieces in order", () => {
    const { channel, taken } = jump();
    const sent = Buffer.from(Array.from({ length: 5000 }, (_, at) => at % 251));
    channel.pause();
    for (const byte of sent) channel.receive(Buffer.from([byte]));
    channel.resume();
    assert.deepEqual(taken(), sent);
  });

  it("sees when the client sends more than it was granted", () => {
    const { channel } = jump();
    channel.pause();
    for (let sent = 0; sent < jumpWindowBytes; sent += jumpPacketBytes)
      assert.equal(channel.receive(Buffer.alloc(jumpPacketBytes)), true);
    assert.equal(channel.receive(Buffer.alloc(1)), false);
  });
});

describe("proxy/jump-channel, its end", () => {
  const last = [eof(remoteNumber), close(remoteNumber)];

  it("is released when the client has answered our close", async () => {
    const { channel, outer, heard } = jump();
    channel.write(Buffer.from("bye"));
    channel.end();
    await turn();
    assert.deepEqual(outer.take(), [data(remoteNumber, "bye"), ...last]);
    channel.receiveClose();
    channel.receiveClose();
    channel.destroy();
    assert.deepEqual(heard, ["drain", "close", "released"]);
    assert.deepEqual(outer.take(), []);
  });

  it("is closed by the client's close, answered once", () => {
    const { channel, outer, heard } = jump();
    channel.receiveClose();
    channel.end();
    channel.destroy();
    assert.deepEqual(outer.take(), last);
    assert.deepEqual(heard, ["close", "released"]);
  });

  it("is closed by the client's end of file: nothing can be said to it any more", () => {
    const { channel, outer, heard } = jump();
    channel.receiveEof();
    assert.deepEqual(outer.take(), last);
    assert.deepEqual(heard, ["close"]);
    channel.receiveClose();
    assert.deepEqual(heard, ["close", "released"]);
  });

  it("waits with the close for what is still to be sent", async () => {
    const { channel, outer } = jump(2);
    channel.write(Buffer.from("abcd"));
    channel.end();
    channel.write(Buffer.from("too late"));
    await turn();
    assert.deepEqual(outer.take(), [data(remoteNumber, "ab")]);
    channel.receiveWindow(2);
    assert.deepEqual(outer.take(), [data(remoteNumber, "cd"), ...last]);
  });

  it("drops what is still to be sent when it is destroyed, and what arrives afterwards", async () => {
    const { channel, outer, heard, taken } = jump(2);
    channel.write(Buffer.from("abcd"));
    channel.destroy();
    await turn();
    channel.receive(Buffer.from("x"));
    channel.receiveWindow(10);
    assert.deepEqual(outer.take(), last);
    assert.deepEqual([heard, taken().length, channel.queuedBytes], [["close"], 0, 0]);
  });
});
