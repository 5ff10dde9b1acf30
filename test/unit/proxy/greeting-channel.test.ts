import assert from "node:assert/strict";
import { GreetingChannel } from "../../../src/proxy/greeting-channel.js";
import { FakeTransport } from "./fake-transport.js";
import { bytesIn, close, data, eof, failure, request, success } from "./messages.js";

function greeting(window = 100_000, packetBytes = 32_768) {
  const transport = new FakeTransport();
  let released = 0;
  const end = { remoteNumber: 5, window, packetBytes };
  const channel = new GreetingChannel(transport.asTransport, end, "hello alice\n", () => (released += 1));
  return { transport, channel, released: () => released };
}

const exitStatus = (status: number) => request(5, "exit-status", false, Buffer.from([0, 0, 0, status]));

describe("proxy/greeting-channel", () => {
  it("greets who asks for a shell, and ends well", () => {
    const { transport, channel, released } = greeting();
    channel.request("pty-req", true);
    channel.request("env", false);
    channel.request("shell", true);
    assert.deepEqual(transport.take(), [
      success(5),
      success(5),
      data(5, "hello alice\r\n"),
      exitStatus(0),
      eof(5),
      close(5),
    ]);
    channel.receiveClose();
    assert.equal(released(), 1);
    assert.deepEqual(transport.take(), []);
  });

  it("ends a command with the status of a usage error", () => {
    const { transport, channel } = greeting();
    channel.request("exec", false);
    assert.deepEqual(transport.take().slice(1), [exitStatus(2), eof(5), close(5)]);
  });

  it("refuses everything else, and says nothing after its close", () => {
    const { transport, channel } = greeting();
    channel.request("subsystem", true);
    assert.deepEqual(transport.take(), [failure(5)]);
    channel.request("shell", false);
    transport.take();
    channel.request("shell", true);
    assert.deepEqual(transport.take(), []);
  });

  it("keeps within the client's window and packets", () => {
    const { transport, channel } = greeting(7, 4);
    channel.request("shell", false);
    const said = transport.take().filter(([type]) => type === 94);
    assert.deepEqual(
      said.map((payload) => bytesIn(payload).toString()),
      ["hell", "o a"],
    );
  });

  it("takes what is typed without looking, and answers a close with its own", () => {
    const { transport, channel, released } = greeting();
    assert.equal(channel.receive(), true);
    channel.receiveEof();
    channel.receiveWindow();
    channel.receiveClose();
    assert.deepEqual([transport.take(), released()], [[close(5)], 1]);
  });
});
