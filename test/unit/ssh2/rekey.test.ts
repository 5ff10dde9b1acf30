import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { disconnectReason } from "../../../src/ssh2/index.js";
import {
  countingHostKey,
  never,
  numbered,
  transportPair,
  until,
  type PairOptions,
} from "./transport-pair.js";

/** A pair whose key exchanges are counted. */
async function countedPair(options: PairOptions = {}) {
  const { hostKey, exchanges } = countingHostKey();
  const pair = transportPair({ hostKey, ...options });
  await Promise.all([pair.client.ready, pair.server.ready]);
  await until(() => pair.client.messages.length === 1); // EXT_INFO, after the first exchange only
  pair.client.messages.length = 0;
  return { ...pair, exchanges };
}

const many = Array.from({ length: 200 }, (_, number) => numbered(number, 1000));

describe("ssh2/transport, rekey", () => {
  it("begins after as many bytes as the policy says, whichever way they went", async () => {
    for (const sender of ["client", "server"] as const) {
      const pair = await countedPair({ serverRekey: { ...never, bytes: 50_000 } });
      const other = pair[sender === "client" ? "server" : "client"];
      for (const [at, payload] of many.entries()) {
        pair[sender].transport.send(payload);
        if (at % 10 === 9) await until(() => other.messages.length === at + 1);
      }
      assert.deepEqual(other.messages, many);
      assert.ok(pair.exchanges() >= 4 && pair.exchanges() <= 6, `${pair.exchanges()} exchanges`);
    }
  });

  it("begins with the first message after the time that the policy says", async () => {
    const pair = await countedPair({ clientRekey: { ...never, everyMs: 30 } });
    await sleep(40);
    assert.equal(pair.exchanges(), 1);
    pair.client.transport.send(numbered(1));
    await until(() => pair.exchanges() === 2 && pair.server.messages.length === 1);
  });

  for (const starters of [["client"], ["server"], ["client", "server"]] as const)
    it(`keeps every message in order when ${starters.join(" and ")} begins it in the middle`, async () => {
      const pair = await countedPair();
      for (const [at, payload] of many.entries()) {
        pair.client.transport.send(payload);
        pair.server.transport.send(payload);
        if (at === 70 || at === 140) for (const side of starters) pair[side].transport.rekey();
        if (at % 7 === 0) await sleep(0);
      }
      await until(() => pair.client.messages.length === 200 && pair.server.messages.length === 200);
      assert.deepEqual([pair.client.messages, pair.server.messages], [many, many]);
      assert.equal(pair.exchanges(), 3);
      assert.deepEqual([pair.client.ends, pair.server.ends], [[], []]);
    });

  it("keeps the session identifier", async () => {
    const { client, server, exchanges } = await countedPair();
    const before = Buffer.from(server.transport.sessionId);
    server.transport.rekey();
    server.transport.rekey(); // one is under way
    server.transport.send(numbered(1));
    await until(() => client.messages.length === 1);
    assert.equal(exchanges(), 2);
    assert.deepEqual([client.transport.sessionId, server.transport.sessionId], [before, before]);
  });

  it("counts what it holds back, and tells its owner when that is on its way", async () => {
    const { client, server } = await countedPair();
    client.transport.rekey();
    client.transport.send(numbered(1, 1000));
    assert.equal(client.transport.queuedBytes, 1000);
    await until(() => server.messages.length === 1);
    assert.equal(client.transport.queuedBytes, 0);
    assert.equal(client.drains.length, 1);
  });

  it("gives up on a peer that never does its part", async () => {
    let isDeaf = false;
    const wire = (from: string, bytes: Buffer) => (isDeaf && from === "client" ? [] : [bytes]);
    const { client, server } = await countedPair({ wire });
    isDeaf = true;
    client.transport.rekey();
    for (let sent = 0; sent <= 8 * 1024 * 1024; sent += 32_768) client.transport.send(numbered(1, 32_768));
    assert.deepEqual(
      client.ends.map(({ code }) => code),
      ["PROTOCOL_ERROR"],
    );
    await until(() => server.ends.length === 1);
  });

  it("lets the last words pass while it is under way", async () => {
    const { client, server } = await countedPair();
    server.transport.rekey();
    server.transport.disconnect(disconnectReason.byApplication, "bye");
    await until(() => client.ends.length === 1);
    assert.deepEqual(client.ends, [{ code: "DISCONNECTED", detail: "reason 11: bye" }]);
  });

  it("survives a channel that reads into the same memory again, however it is cut", async () => {
    const scratch = Buffer.alloc(70_000);
    const pair = await countedPair({ wire: (_from, bytes) => cut(bytes) });
    const { channel } = pair.client;
    const deliver = channel.onData;
    Object.defineProperty(channel, "reusesMemory", { value: true });
    channel.onData = (bytes) => {
      const view = scratch.subarray(0, bytes.copy(scratch));
      deliver(view);
      scratch.fill(0xee);
    };
    for (const [at, payload] of many.entries()) {
      pair.server.transport.send(payload);
      if (at % 20 === 0) pair[at % 40 === 0 ? "server" : "client"].transport.rekey();
      if (at % 9 === 0) await sleep(0);
    }
    await until(() => pair.client.messages.length === 200);
    assert.deepEqual(pair.client.messages, many);
    assert.ok(pair.exchanges() > 6, `${pair.exchanges()} exchanges`);
  });
});

let random = 1;

/** The next of a fixed row of numbers that look random: below `end`. */
function below(end: number): number {
  random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
  return (random >>> 8) % end;
}

/** Leaves a write whole, or cuts it: before the tag of its last packet, and anywhere. */
function cut(bytes: Buffer): Buffer[] {
  if (below(2) === 0) return [bytes];
  const places = [Math.max(0, bytes.length - 16), below(2) * below(bytes.length)].sort((a, b) => a - b);
  return [0, ...places].map((from, at) => bytes.subarray(from, places[at])).filter((part) => part.length > 0);
}
