import assert from "node:assert/strict";
import type { Delivery } from "../../../src/webhooks/delivery.js";
import { Webhooks, type WebhookSettings } from "../../../src/webhooks/index.js";
import { certificateIssued, grantIssued, stateOf } from "../access/sample.js";
import { settings, smallPolicy } from "./sample.js";

const issued = grantIssued();

/** Webhooks whose requests a test sees; they wait until it lets them go. */
function bench(...wanted: readonly WebhookSettings[]) {
  const sent: Delivery[] = [];
  const warned: string[] = [];
  let release: () => void = () => undefined;
  let held: Promise<void> = Promise.resolve();
  const webhooks = new Webhooks({
    log: { info: () => undefined, warn: (_, message) => warned.push(message) },
    nowMs: () => 1000,
    sleep: () => Promise.resolve(),
    deliver: async (delivery, signal) => {
      const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await Promise.race([held, aborted]);
      if (signal.aborted) return { ok: false, again: true, error: "aborted" };
      sent.push(delivery);
      return { ok: true };
    },
  });
  webhooks.use(wanted, "bastion");
  const tell = (index: number, entry = issued) =>
    webhooks.tell({ index, atMs: 1, entry }, stateOf(issued), smallPolicy());
  const hold = () => {
    held = new Promise((resolve) => (release = resolve));
  };
  return { webhooks, sent, warned, tell, hold, release: () => release() };
}

async function idle({ webhooks }: ReturnType<typeof bench>): Promise<void> {
  do await new Promise((turn) => setImmediate(turn));
  while (webhooks.status.some(({ queued }) => queued > 0));
}

const other = settings({
  name: "chat",
  url: "https://chat.example/x",
  format: "slack",
  events: ["request.*"],
});

describe("webhooks/webhooks", () => {
  it("sends to each who wants to hear it, under one id", async () => {
    const it = bench(settings(), settings({ name: "second" }), other);
    it.tell(1);
    await idle(it);
    const ids = it.sent.map(({ headers }) => headers["webhook-id"]);
    assert.equal(ids.length, 2);
    assert.equal(new Set(ids).size, 1);
    it.tell(2);
    await idle(it);
    assert.notEqual(it.sent[2]?.headers["webhook-id"], ids[0]);
  });

  it("says nothing of what is no news", async () => {
    const it = bench(settings());
    it.tell(1, certificateIssued());
    await idle(it);
    assert.deepEqual(it.sent, []);
  });

  it("keeps queue and numbers of a receiver whose address stays, and hears what it now wants", async () => {
    const it = bench(settings());
    it.tell(1);
    await idle(it);
    it.webhooks.use([settings({ events: ["request.*"] }), other], "bastion");
    it.tell(2);
    await idle(it);
    it.webhooks.use([settings({ events: ["grant.*"] }), other], "bastion");
    it.tell(3);
    await idle(it);
    assert.deepEqual(
      it.webhooks.status.map(({ name, delivered }) => [name, delivered]),
      [
        ["siem", 2],
        ["chat", 0],
      ],
    );
  });

  it("gives what waits to the receiver's new address, once", async () => {
    const it = bench(settings());
    it.hold();
    it.tell(1);
    it.tell(2);
    await new Promise((turn) => setImmediate(turn));
    it.webhooks.use([settings({ url: "https://new.example/" })], "bastion");
    it.release();
    await idle(it);
    const sent = it.sent.map(({ url, body }) => [
      url,
      (JSON.parse(body) as { data: { entry: number } }).data.entry,
    ]);
    assert.deepEqual(sent, [
      ["https://new.example/", 1],
      ["https://new.example/", 2],
    ]);
    assert.deepEqual([it.webhooks.status[0]?.lost, it.warned], [0, []]);
  });

  it("forgets a receiver that is gone, with what waits for it", async () => {
    const it = bench(settings());
    it.hold();
    it.tell(1);
    await new Promise((turn) => setImmediate(turn));
    it.webhooks.use([], "bastion");
    it.release();
    it.tell(2);
    await idle(it);
    assert.deepEqual([it.sent, it.webhooks.status], [[], []]);
  });

  it("sends what is left at its end, and takes nothing afterwards", async () => {
    const it = bench(settings());
    it.tell(1);
    await it.webhooks.close();
    it.tell(2);
    await idle(it);
    assert.equal(it.sent.length, 1);
  });
});
