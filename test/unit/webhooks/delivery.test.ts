import assert from "node:assert/strict";
import type { RequestListener } from "node:http";
import { deliverByFetch } from "../../../src/webhooks/delivery.js";
import { startReceiver } from "../../harness/receiver.js";

const never = new AbortController().signal;

async function deliverTo(listener: RequestListener, signal = never, withinMs = 60_000) {
  const receiver = await startReceiver(listener);
  const url = `${receiver.url}/T000/very-secret`;
  const delivery = { url, headers: { "webhook-id": "msg_1", connection: "close" }, body: '{"a":1}' };
  return { result: await deliverByFetch(delivery, signal, withinMs), received: receiver.received, receiver };
}

describe("webhooks/delivery", () => {
  for (const [row, status, headers, expected] of [
    ["ok", 200, {}, { ok: true }],
    ["no-content", 204, {}, { ok: true }],
    ["busy", 503, {}, { ok: false, again: true, error: "HTTP 503" }],
    [
      "too-many",
      429,
      { "retry-after": "7" },
      { ok: false, again: true, error: "HTTP 429", retryAfterMs: 7000 },
    ],
    ["too-slow-for-it", 408, {}, { ok: false, again: true, error: "HTTP 408" }],
    ["not-there", 404, { "retry-after": "7" }, { ok: false, again: false, error: "HTTP 404" }],
    ["gone", 410, {}, { ok: false, again: false, error: "HTTP 410" }],
  ] as const) {
    it(`knows what to make of ${row}`, async () => {
      const { result, received } = await deliverTo((_, response) =>
        response.writeHead(status, headers).end("<html>"),
      );
      assert.deepEqual(result, expected);
      assert.deepEqual(
        received.map(({ method, body, headers: { "webhook-id": id } }) => [method, body, id]),
        [["POST", '{"a":1}', "msg_1"]],
      );
    });
  }

  it("follows no redirect", async () => {
    const { result, received } = await deliverTo((_, response) =>
      response.writeHead(307, { location: "/elsewhere" }).end(),
    );
    const error = "a redirect (HTTP 307), which is not followed";
    assert.deepEqual(result, { ok: false, again: false, error });
    assert.equal(received.length, 1);
  });

  it("does not read an answer that has no end", async () => {
    const { result } = await deliverTo((_, response) => {
      response.writeHead(200);
      const more = () => {
        while (response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    assert.deepEqual(result, { ok: true });
  });

  it("does not wait for an answer that does not come", async () => {
    const { result } = await deliverTo(() => undefined, never, 20);
    assert.deepEqual(result, { ok: false, again: true, error: "no answer in time" });
  });

  it("ends when it is told to", async () => {
    const { result } = await deliverTo(() => undefined, AbortSignal.abort());
    assert.deepEqual(result, { ok: false, again: true, error: "could not be reached" });
  });

  it("names the system's code where nobody listens, and not the address", async () => {
    const { receiver } = await deliverTo((_, response) => response.end());
    await receiver.stop();
    const delivery = { url: `${receiver.url}/T000/very-secret`, headers: {}, body: "" };
    const result = await deliverByFetch(delivery, never);
    assert.deepEqual(result, { ok: false, again: true, error: "ECONNREFUSED" });
  });

  it("says nothing of an address that cannot be one", async () => {
    const delivery = { url: "https://user:very-secret@/", headers: {}, body: "" };
    const result = await deliverByFetch(delivery, never);
    assert.ok(!result.ok);
    assert.doesNotMatch(result.error, /secret/);
  });
});
