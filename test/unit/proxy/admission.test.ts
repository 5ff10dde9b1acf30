import assert from "node:assert/strict";
import { Admission } from "../../../src/proxy/admission.js";
import { settings } from "../rpc/samples.js";

const limits = {
  ...settings.limits,
  unauthenticated: 3,
  unauthenticatedPerAddress: 2,
  connectionsPerMinute: 5,
};
const ok = (admission: Admission, address: string) => {
  const ticket = admission.admit(address, limits);
  assert.ok(ticket.ok, `${address} is refused`);
  return ticket;
};
const refused = (admission: Admission, address: string) => {
  const ticket = admission.admit(address, limits);
  return ticket.ok ? "admitted" : ticket.reason;
};

describe("proxy/admission", () => {
  it("counts strangers in all, and by address", () => {
    const admission = new Admission(() => 0);
    ok(admission, "a");
    ok(admission, "a");
    assert.equal(refused(admission, "a"), "too-many-from-address");
    ok(admission, "b");
    assert.equal(refused(admission, "c"), "too-many-strangers");
  });

  it("has room again for each that logged in or left, once", () => {
    const admission = new Admission(() => 0);
    const first = ok(admission, "a");
    ok(admission, "a");
    assert.equal(first.authenticated, false);
    first.release();
    first.release();
    assert.equal(first.authenticated, true);
    ok(admission, "a");
    assert.equal(refused(admission, "a"), "too-many-from-address");
  });

  it("counts how fast an address comes back, until the minute is over", () => {
    let now = 0;
    const admission = new Admission(() => now);
    for (let count = 0; count < 5; count++) ok(admission, "a").release();
    assert.equal(refused(admission, "a"), "too-fast");
    ok(admission, "b").release();
    now = 59_999;
    assert.equal(refused(admission, "a"), "too-fast");
    now = 60_000;
    ok(admission, "a");
  });

  it("does not hold a slot for those that come too fast", () => {
    const admission = new Admission(() => 0);
    for (let count = 0; count < 5; count++) ok(admission, "a").release();
    for (let count = 0; count < 9; count++) assert.equal(refused(admission, "a"), "too-fast");
    ok(admission, "b");
    ok(admission, "b");
    ok(admission, "c");
  });

  it("forgets the oldest address when very many come", () => {
    const admission = new Admission(() => 0);
    for (let count = 0; count < 5; count++) ok(admission, "first").release();
    for (let other = 0; other < 20_000; other++) ok(admission, `other-${other}`).release();
    ok(admission, "first");
  });
});
