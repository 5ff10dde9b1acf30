import assert from "node:assert/strict";
import { fold, lockOn, type AccessEvent } from "../../../src/access/index.js";
import { FINGERPRINT, locked, stateOf } from "./sample.js";

const lifted = (kind: "identity" | "target" | "serial", name: string): AccessEvent => ({
  type: "lock.lifted",
  ...{ kind, name, by: "root", reason: "found again" },
});
const token: AccessEvent = {
  type: "token.issued",
  ...{ token: "t-1", identity: "alice", purpose: "http", commands: ["requests"], untilMs: 900 },
};

describe("access/fold of locks and tokens", () => {
  it("keeps a lock until it is lifted, and the first of several", () => {
    const second: AccessEvent = { ...locked("identity", "alice"), reason: "again", by: "bob" };
    const state = stateOf(locked("identity", "alice"), second);
    const lock = { kind: "identity", name: "alice", by: "root", reason: "stolen laptop", atMs: 1 };
    assert.deepEqual([...state.locks.values()], [lock]);
    assert.equal(fold(state, lifted("identity", "alice"), 3).locks.size, 0);
    assert.equal(fold(state, second, 4).locks.get("identity alice")?.reason, "again");
  });

  it("tells apart an identity, a target and a serial of the same name", () => {
    const state = stateOf(locked("identity", "7"), locked("target", "7"), locked("serial", "7"));
    assert.equal(state.locks.size, 3);
    assert.deepEqual([...fold(state, lifted("target", "7"), 9).locks.keys()], ["identity 7", "serial 7"]);
  });

  it("lets a lock be lifted that is not there", () => {
    assert.equal(stateOf(lifted("serial", "7")).locks.size, 0);
  });

  it("finds the lock that stands in the way, and no other", () => {
    const state = stateOf(locked("identity", "alice"), locked("target", "prod-db-1"), locked("serial", "7"));
    const names = (subject: Parameters<typeof lockOn>[1]): string | undefined => lockOn(state, subject)?.kind;
    assert.equal(names({ identity: "alice" }), "identity");
    assert.equal(names({ identity: "bob", target: "prod-db-1" }), "target");
    assert.equal(names({ identity: "bob", target: "prod-db-2", serial: "7" }), "serial");
    assert.equal(names({ identity: "bob", target: "prod-db-2", serial: "8" }), undefined);
    assert.equal(names({ identity: "prod-db-1", target: "alice" }), undefined);
    assert.equal(names({}), undefined);
  });

  it("keeps tokens as they were made, and refuses one twice", () => {
    const withKey: AccessEvent = {
      type: "token.issued",
      ...{ token: "t-2", identity: "bob", purpose: "http", fingerprint: FINGERPRINT, untilMs: 800 },
    };
    const state = stateOf(token, withKey);
    assert.deepEqual(state.tokens.get("t-1"), {
      ...{ token: "t-1", identity: "alice", purpose: "http", commands: ["requests"], untilMs: 900 },
      issuedAtMs: 1,
    });
    assert.equal(state.tokens.get("t-2")?.fingerprint, FINGERPRINT);
    const unchanged = structuredClone(state);
    assert.throws(() => fold(state, { ...token, identity: "bob" }, 9), {
      code: "impossible-event",
    });
    assert.deepEqual(state, unchanged);
  });

  it("forgets tokens that are over when another is made", () => {
    const state = stateOf(token);
    fold(state, { ...token, token: "t-2", untilMs: 5000 }, 899);
    assert.deepEqual([...state.tokens.keys()], ["t-1", "t-2"]);
    fold(state, { ...token, token: "t-3", untilMs: 6000 }, 900);
    assert.deepEqual([...state.tokens.keys()], ["t-2", "t-3"]);
  });

  it("changes nothing for a robot that was let in", () => {
    const event: AccessEvent = {
      type: "workload.identified",
      identity: "ci",
      issuer: "https://x",
      subject: "y",
    };
    assert.deepEqual(stateOf(event), { ...stateOf(), clock: { atMs: 1, elapsedMs: 0 } });
  });
});
