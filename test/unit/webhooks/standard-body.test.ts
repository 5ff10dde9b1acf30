import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { requestDigest } from "../../../src/access/index.js";
import { signatureHeaders } from "../../../src/webhooks/signature.js";
import { standardBody } from "../../../src/webhooks/standard-body.js";
import { stateOf, grantIssued, certificateIssued, sessionStarted, sessionId } from "../access/sample.js";
import { notice, request, SECRET } from "./sample.js";

describe("webhooks/signature", () => {
  const body = standardBody(notice());

  it("is accepted by an independent reader of Standard Webhooks", () => {
    const headers = signatureHeaders(SECRET, "msg_7", Date.now(), body);
    const read = new Webhook(SECRET).verify(body, headers) as { type: string };
    assert.equal(read.type, "grant.issued");
  });

  it("is the specification's own example", () => {
    // The example of the reference libraries: every one of them must come to this.
    const headers = signatureHeaders(
      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      "msg_p5jXN8AQM9LWM0D4loKWxJek",
      1_614_265_330_000,
      '{"test": 2432232314}',
    );
    assert.equal(headers["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert.equal(headers["webhook-timestamp"], "1614265330");
  });

  for (const [row, change] of [
    ["another-body", { body: body.replace("alice", "mallory") }],
    ["another-id", { id: "msg_8" }],
    ["another-time", { seconds: 61 }],
    ["another-secret", { secret: `whsec_${Buffer.alloc(32, 1).toString("base64")}` }],
  ] as const) {
    it(`does not hold for ${row}`, () => {
      const given = { body, id: "msg_7", seconds: 0, secret: SECRET, ...change };
      const now = Date.now();
      const signed = signatureHeaders(SECRET, "msg_7", now, body);
      const seconds = String(Math.floor(now / 1000) - given.seconds);
      const headers = { ...signed, "webhook-id": given.id, "webhook-timestamp": seconds };
      assert.throws(() => new Webhook(given.secret).verify(given.body, headers), /No matching signature/);
    });
  }

  for (const [row, secret] of [
    ["none", ""],
    ["no-prefix", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    ["nothing-behind-it", "whsec_"],
    ["loose-base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS_"],
  ] as const) {
    it(`is not made with a secret that is ${row}`, () => {
      assert.throws(() => signatureHeaders(secret, "msg_7", 0, body), TypeError);
    });
  }
});

describe("webhooks/standard-body", () => {
  const dataOf = (text: string) => (JSON.parse(text) as { data: Record<string, unknown> }).data;

  it("says what, when, where from, and what it is about", () => {
    const body = standardBody(notice({ type: "request.made", request: request(), approvers: ["bob"] }));
    const digest = requestDigest(request());
    assert.deepEqual(JSON.parse(body), {
      type: "request.made",
      timestamp: "2026-11-21T08:00:00.000Z",
      data: {
        bastion: "bastion",
        entry: 7,
        summary: "alice asks to be postgres on prod-db-1 for 30m",
        request: request(),
        digest,
        approve: `ssh approve.${request().id}.${digest}@bastion`,
        approvers: ["bob"],
      },
    });
  });

  it("does not say where a recording lies", () => {
    const state = stateOf(grantIssued(), certificateIssued(), sessionStarted());
    const session = state.sessions.get(sessionId())!;
    const body = standardBody(notice({ type: "session.cut", session, reason: "killed", by: "bob" }));
    assert.equal((dataOf(body)["session"] as { id: string }).id, sessionId());
    assert.ok(!body.includes(session.recording));
  });

  it("names what is locked as a lock", () => {
    const subject = { kind: "identity", name: "alice" } as const;
    const data = dataOf(standardBody(notice({ type: "lock.set", subject, by: "bob", reason: "lost" })));
    assert.deepEqual([data["lock"], data["by"], data["type"]], [subject, "bob", undefined]);
  });
});
