import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeFrame, frameBytesMax, RpcError, RpcLink, type RpcHandler } from "../../../src/rpc/index.js";
import { ShapeError } from "../../../src/rpc/shape.js";
import { closeAfterwards } from "../../harness/closing.js";
import { temporaryFolder } from "../../harness/temporary.js";

/** What a test's end of the link saw. */
interface Seen {
  readonly messages: [name: string, params: unknown][];
  readonly failures: [name: string, error: unknown][];
  readonly closings: string[];
}

function handler(onCall: RpcHandler["onCall"] = () => Promise.reject(new Error("no calls here"))) {
  const seen: Seen = { messages: [], failures: [], closings: [] };
  const events: RpcHandler = {
    onCall,
    onMessage: (name, params) => void seen.messages.push([name, params]),
    onCallError: (name, error) => void seen.failures.push([name, error]),
    onClose: (reason) => void seen.closings.push(reason),
  };
  return { seen, events };
}

async function socketPair(): Promise<[Socket, Socket]> {
  const path = join(temporaryFolder(), "s");
  const server = createServer().listen(path);
  await once(server, "listening");
  const near = connect(path);
  const [far] = (await once(server, "connection")) as [Socket];
  server.close();
  closeAfterwards(() => {
    near.destroy();
    far.destroy();
    return undefined;
  });
  return [near, far];
}

async function linkPair(onCall?: RpcHandler["onCall"]) {
  const [nearSocket, farSocket] = await socketPair();
  const near = handler();
  const far = handler(onCall);
  return {
    near: new RpcLink(nearSocket, near.events),
    far: new RpcLink(farSocket, far.events),
    nearSeen: near.seen,
    farSeen: far.seen,
    farSocket,
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(1);
}

const coded = (code: RpcError["code"]) => (error: unknown) =>
  error instanceof RpcError && error.code === code;

describe("rpc/link", () => {
  it("lets a caller go on before the orders that came right behind its answer", async () => {
    const [nearSocket, farSocket] = await socketPair();
    const order: unknown[] = [];
    const { events } = handler();
    const near = new RpcLink(nearSocket, { ...events, onMessage: (name) => void order.push(name) });
    const asked = near.call("openSession", {}, 5000);
    const through = () => asked.then(() => undefined); // some steps, as of an answer that is decoded and passed on
    void through()
      .then(through)
      .then(() => order.push("caller"));
    const frames = [
      { answer: 1, result: {} },
      { name: "cut", params: {} },
      { name: "deadline", params: {} },
    ];
    farSocket.write(Buffer.concat(frames.map(encodeFrame)));
    await until(() => order.length === 3);
    assert.deepEqual(order, ["caller", "cut", "deadline"]);
  });

  it("gives each call its own answer, whatever their order", async () => {
    const waits: Record<string, number> = { slow: 30, middle: 15, fast: 0 };
    const answered: string[] = [];
    const { near } = await linkPair(async (name, params) => {
      await sleep(waits[name] ?? 0);
      answered.push(name);
      return { name, params };
    });
    const answers = await Promise.all(Object.keys(waits).map((name, at) => near.call(name, at, 5000)));
    assert.deepEqual(answered, ["fast", "middle", "slow"]);
    assert.deepEqual(answers, [
      { name: "slow", params: 0 },
      { name: "middle", params: 1 },
      { name: "fast", params: 2 },
    ]);
  });

  it("delivers one-way messages in order, either way", async () => {
    const { near, far, nearSeen, farSeen } = await linkPair();
    for (const number of [1, 2, 3]) near.send("up", { number });
    far.send("down", null);
    await until(() => farSeen.messages.length === 3 && nearSeen.messages.length === 1);
    assert.deepEqual(
      farSeen.messages,
      [1, 2, 3].map((number) => ["up", { number }]),
    );
    assert.deepEqual(nearSeen.messages, [["down", null]]);
  });

  it("hands on what came behind an answer only when the answer was taken", async () => {
    const [nearSocket, farSocket] = await socketPair();
    const { events } = handler();
    const seen: string[] = [];
    const near = new RpcLink(nearSocket, { ...events, onMessage: (name) => void seen.push(name) });
    const taken = near.call("open", null, 5000).then(async () => {
      for (let hop = 0; hop < 10; hop += 1) await Promise.resolve();
      seen.push("answer");
    });
    const frames = [{ answer: 1, result: null }, { name: "cut" }, { name: "deadline" }];
    farSocket.write(Buffer.concat(frames.map((frame) => encodeFrame(frame))));
    await taken;
    await until(() => seen.length === 3);
    assert.deepEqual(seen, ["answer", "cut", "deadline"]);
  });

  it("rejects a call without an answer after its time, and forgets an answer that comes later", async () => {
    const { near, nearSeen } = await linkPair(async (_name, params) => {
      if (params === "late") await sleep(30);
      return params;
    });
    await assert.rejects(near.call("ask", "late", 5), coded("TIMEOUT"));
    await sleep(40);
    assert.equal(await near.call("ask", "now", 5000), "now");
    assert.deepEqual(nearSeen.closings, []);
  });

  it("rejects what is pending when either side closes, once, and every call after it", async () => {
    for (const side of ["near", "far"] as const) {
      const { near, far, nearSeen } = await linkPair(() => new Promise(() => undefined));
      const pending = [near.call("a", 1, 5000), near.call("b", 2, 5000)];
      const outcomes = Promise.allSettled(pending);
      (side === "near" ? near : far).close();
      for (const outcome of await outcomes)
        assert.ok(outcome.status === "rejected" && coded("CLOSED")(outcome.reason));
      assert.equal(nearSeen.closings.length, 1);
      assert.equal(near.closed, true);
      await assert.rejects(near.call("c", 3, 5000), coded("CLOSED"));
      near.send("lost", null);
      near.close();
      assert.equal(nearSeen.closings.length, 1);
    }
  });

  it("tells the other side of a failed call nothing but that it failed", async () => {
    const failure = new Error("secret path /root/keys");
    const { near, farSeen } = await linkPair(() => Promise.reject(failure));
    await assert.rejects(near.call("a", 1, 5000), (error) => coded("REMOTE")(error) && isBare(error));
    assert.deepEqual(farSeen.failures, [["a", failure]]);
  });

  it("tells the other side which field of its call was wrong", async () => {
    const { near } = await linkPair(() => Promise.reject(new ShapeError("a.b: expected text")));
    await assert.rejects(near.call("a", 1, 5000), new RpcError("REMOTE", "a.b: expected text"));
  });

  it("answers a call with a failure when its result is too long to send", async () => {
    const { near, farSeen } = await linkPair(() => Promise.resolve("x".repeat(frameBytesMax)));
    await assert.rejects(near.call("a", 1, 5000), (error) => coded("REMOTE")(error) && isBare(error));
    assert.equal(farSeen.failures.length, 1);
  });

  it("refuses to send a call that is too long, and goes on", async () => {
    const { near } = await linkPair((_name, params) => Promise.resolve(params));
    await assert.rejects(near.call("a", "x".repeat(frameBytesMax), 5000), RangeError);
    assert.equal(await near.call("a", 1, 5000), 1);
  });

  const broken: [name: string, frame: Buffer][] = [
    ["null", encodeFrame(null)],
    ["a-number", encodeFrame(7)],
    ["a-list", encodeFrame([])],
    ["no-name", encodeFrame({ params: 1 })],
    ["a-long-name", encodeFrame({ name: "x".repeat(65) })],
    ["a-call-numbered-by-text", encodeFrame({ call: "1", name: "a" })],
    ["an-answer-numbered-below-zero", encodeFrame({ answer: -1 })],
    ["no-json", Buffer.from([0, 0, 0, 1, 0x7b])],
  ];
  for (const [name, frame] of broken)
    it(`closes the link on ${name}`, async () => {
      const { nearSeen, farSocket } = await linkPair();
      farSocket.write(frame);
      await until(() => nearSeen.closings.length > 0);
      assert.match(nearSeen.closings[0] ?? "", /^protocol error: /);
    });

  it("closes on a message that its handler refuses, and takes nothing after it", async () => {
    const [nearSocket, farSocket] = await socketPair();
    const { seen, events } = handler();
    const taken: string[] = [];
    const onMessage = (name: string) => {
      taken.push(name);
      if (name === "bad") throw new ShapeError("bad: expected nothing");
    };
    new RpcLink(nearSocket, { ...events, onMessage });
    farSocket.write(Buffer.concat(["good", "bad", "after"].map((name) => encodeFrame({ name }))));
    await until(() => seen.closings.length > 0);
    assert.deepEqual(taken, ["good", "bad"]);
  });

  it("takes nothing that arrived behind the message on which its handler closed it", async () => {
    const [nearSocket, farSocket] = await socketPair();
    const { events, seen } = handler();
    const taken: string[] = [];
    const link: RpcLink = new RpcLink(nearSocket, {
      ...events,
      onMessage: (name) => {
        taken.push(name);
        link.close();
      },
    });
    farSocket.write(Buffer.concat(["first", "second"].map((name) => encodeFrame({ name }))));
    await until(() => seen.closings.length > 0);
    assert.deepEqual(taken, ["first"]);
  });
});

function isBare(error: unknown): boolean {
  return error instanceof Error && error.message === "failed";
}
