import assert from "node:assert/strict";
import type { ByteChannel } from "../../../src/ssh2/index.js";
import { numbered, transportPair, until } from "./transport-pair.js";

/** Has the channel give everything in the same memory, which is written over at once, as a socket's read buffer is. */
function reuseMemory(channel: ByteChannel): void {
  const memory = Buffer.alloc(64 * 1024);
  const take = channel.onData;
  Object.defineProperty(channel, "reusesMemory", { value: true });
  channel.onData = (bytes) => {
    bytes.copy(memory);
    take(memory.subarray(0, bytes.length));
    memory.fill(0xff);
  };
}

describe("ssh2/transport, over memory that is used again", () => {
  // Sixteen bytes of tag and a byte on either side of it; then the padding, the payload, the packet's length.
  for (const fromEnd of [...Array.from({ length: 18 }, (_, at) => at + 1), 30, 60, 90, 95]) {
    it(`reads packets whose last ${fromEnd} bytes come with the next read`, async () => {
      let isCut = false;
      const { client, server } = transportPair({
        wire: (from, bytes) =>
          from === "server" && isCut && bytes.length > fromEnd
            ? [bytes.subarray(0, -fromEnd), Buffer.from(bytes.subarray(-fromEnd))]
            : [bytes],
      });
      reuseMemory(client.channel);
      await Promise.all([client.ready, server.ready]);
      isCut = true;
      const sent = [1, 2, 3].map((number) => numbered(number, 60));
      for (const payload of sent) server.transport.send(payload);
      await until(() => client.ends.length > 0 || client.messages.length >= sent.length + 1);
      assert.deepEqual([client.messages.slice(-sent.length), client.ends], [sent, []]);
    });
  }
});
