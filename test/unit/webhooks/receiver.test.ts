import assert from "node:assert/strict";
import type { Deliver, Delivery, DeliveryResult } from "../../../src/webhooks/delivery.js";
import { QUEUE_MAX, Receiver } from "../../../src/webhooks/receiver.js";
import { ATTEMPTS_MAX } from "../../../src/webhooks/retry.js";
import { granted, notice, settings } from "./sample.js";

const fine: DeliveryResult = { ok: true };
const busy: DeliveryResult = { ok: false, again: true, error: "HTTP 503" };
const gone: DeliveryResult = { ok: false, again: false, error: "HTTP 410" };

/** A receiver whose answers a test gives, and whose waiting takes no time. */
function bench(answers: (attempt: number, delivery: Delivery) => DeliveryResult, changes = {}) {
  const sent: string[] = [];
  const begun: string[] = [];
  const waits: number[] = [];
  const logged: string[] = [];
  let underWay = 0;
  let most = 0;
  const deliver: Deliver = async (delivery) => {
    begun.push(delivery.headers["webhook-id"] ?? "");
    most = Math.max(most, (underWay += 1));
    await new Promise((turn) => setImmediate(turn));
    underWay -= 1;
    sent.push(delivery.headers["webhook-id"] ?? "");
    return answers(sent.length, delivery);
  };
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const receiver = new Receiver(settings(changes), {
    ...{ deliver, nowMs: () => 1000, random: () => 1, log: { info: note, warn: note } },
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { receiver, sent, begun, waits, logged, most: () => most };
}

async function done({ receiver }: ReturnType<typeof bench>): Promise<void> {
  while (receiver.status.queued > 0) await new Promise((turn) => setImmediate(turn));
}

describe("webhooks/receiver", () => {
  it("sends in order, one at a time, and counts", async () => {
    const it = bench(() => fine);
    for (let n = 1; n <= 5; n += 1) it.receiver.offer(notice(granted, n));
    await done(it);
    assert.deepEqual(it.sent, ["msg_1", "msg_2", "msg_3", "msg_4", "msg_5"]);
    assert.equal(it.most(), 1);
    const { delivered, lost, failuresInRow, lastSuccessAtMs } = it.receiver.status;
    assert.deepEqual([delivered, lost, failuresInRow, lastSuccessAtMs], [5, 0, 0, 1000]);
  });

  it("sends nothing before the turn of who tells is over", async () => {
    const it = bench(() => fine);
    it.receiver.offer(notice());
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    assert.deepEqual(it.begun, []);
    await done(it);
    assert.deepEqual(it.begun, ["msg_7"]);
  });

  it("tries again with longer waits, the same id and the next one only afterwards", async () => {
    const it = bench((attempt) => (attempt < 4 ? busy : fine));
    it.receiver.offer(notice(granted, 1));
    it.receiver.offer(notice(granted, 2));
    await done(it);
    assert.deepEqual(it.sent, ["msg_1", "msg_1", "msg_1", "msg_1", "msg_2"]);
    assert.deepEqual(it.waits, [1000, 2000, 4000]);
    assert.equal(it.receiver.status.failuresInRow, 0);
    assert.equal(it.receiver.status.lastError, undefined);
  });

  it("waits as long as the receiver asks for", async () => {
    const it = bench((attempt) => (attempt < 2 ? { ...busy, retryAfterMs: 60_000 } : fine));
    it.receiver.offer(notice());
    await done(it);
    assert.deepEqual(it.waits, [60_000]);
  });

  it("does not try again what was refused", async () => {
    const it = bench((attempt) => (attempt === 1 ? gone : fine));
    it.receiver.offer(notice(granted, 1));
    it.receiver.offer(notice(granted, 2));
    await done(it);
    assert.deepEqual([it.sent, it.waits], [["msg_1", "msg_2"], []]);
    assert.equal(it.receiver.status.lost, 1);
  });

  it("gives up after so many attempts, and stays slow for the next one", async () => {
    const it = bench((attempt) => (attempt <= ATTEMPTS_MAX + 1 ? busy : fine));
    it.receiver.offer(notice(granted, 1));
    it.receiver.offer(notice(granted, 2));
    await done(it);
    assert.deepEqual(it.sent, [...Array<string>(ATTEMPTS_MAX).fill("msg_1"), "msg_2", "msg_2"]);
    assert.equal(it.waits.at(-1), 120_000);
    assert.equal(it.receiver.status.lost, 1);
  });

  it("keeps so many, and lets the oldest go", async () => {
    const it = bench(() => fine);
    for (let n = 1; n <= QUEUE_MAX + 3; n += 1) it.receiver.offer(notice(granted, n));
    assert.equal(it.receiver.status.queued, QUEUE_MAX);
    await done(it);
    assert.deepEqual([it.sent[0], it.sent.length], ["msg_4", QUEUE_MAX]);
    assert.equal(it.receiver.status.lost, 3);
  });

  it("says once that it fails, and that it is well again; never a secret", async () => {
    const it = bench((attempt) => (attempt < 6 ? busy : fine));
    it.receiver.offer(notice());
    await done(it);
    assert.deepEqual(
      it.logged.map((line) => line.replace(/ \{.*/, "")),
      ["webhook receiver fails", "webhook receiver answers again"],
    );
    const said = JSON.stringify([it.logged, it.receiver.status]);
    assert.ok(said.includes("hooks.example"));
    assert.doesNotMatch(said, /whsec_|very-secret|T000/);
  });

  it("tells of a secret that is none, and goes on", async () => {
    const it = bench(() => fine, { secret: "hunter2" });
    it.receiver.offer(notice());
    await done(it);
    assert.equal(it.receiver.status.failuresInRow, 1);
    assert.doesNotMatch(JSON.stringify([it.logged, it.receiver.status]), /hunter2/);
  });

  it("says which of its events there are not", () => {
    const { receiver } = bench(() => fine, { events: ["request.*", "grants.*"] });
    assert.deepEqual(receiver.status.unknownEvents, ["grants.*"]);
  });

  it("at its end tries what is left once, then nothing", async () => {
    const it = bench((attempt) => (attempt < 3 ? fine : busy));
    for (let n = 1; n <= 5; n += 1) it.receiver.offer(notice(granted, n));
    await it.receiver.close(1000);
    it.receiver.offer(notice(granted, 6));
    assert.deepEqual(it.sent, ["msg_1", "msg_2", "msg_3"]);
    const { queued, lost } = it.receiver.status;
    assert.deepEqual([queued, lost], [0, 3]);
  });

  it("ends within its bound, though a receiver never answers", async () => {
    const deliver: Deliver = (_, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve(busy); // the bound may be over before the first attempt begins
        else signal.addEventListener("abort", () => resolve(busy));
      });
    const log = { info: () => undefined, warn: () => undefined };
    const around = { deliver, nowMs: () => 0, random: () => 0, sleep: () => Promise.resolve(), log };
    const receiver = new Receiver(settings(), around);
    receiver.offer(notice());
    await receiver.close(1);
    assert.equal(receiver.status.lost, 1);
  });
});
