import assert from "node:assert/strict";
import {
  mayAskOverride,
  mayGiveOverride,
  mayLift,
  type AccessEvent,
  type Identity,
  type Policy,
} from "../../../src/access/index.js";
import {
  certificateIssued,
  grantIssued,
  holdId,
  locked,
  overrideId,
  policy,
  sessionId,
  sessionStarted,
  stateOf,
} from "./sample.js";

const person = (name: string, ...groups: string[]): [string, Identity] => [
  name,
  { name, groups, keys: [], workloads: [] },
];
const people: Policy = {
  ...policy(),
  identities: new Map([
    person("alice", "auditors"),
    person("carol", "auditors"),
    person("root", "platform"),
    person("ruth", "platform"),
    person("erin", "engineers"),
  ]),
  admins: ["platform"],
  auditors: ["auditors"],
};
const hold = (by: string, subject: object): AccessEvent => ({
  ...{ type: "hold.set", hold: holdId(), by, reason: "case 7" },
  ...subject,
});
const onBob = { identity: "bob" };
const session = [grantIssued(), certificateIssued(), sessionStarted()];

const liftRows: readonly [
  name: string,
  events: readonly AccessEvent[],
  by: string,
  reason: string | undefined,
][] = [
  ["an-auditor-lifts-their-own", [hold("carol", onBob)], "carol", undefined],
  ["an-auditor-lifts-an-admins", [hold("root", onBob)], "carol", undefined],
  ["an-admin-lifts-their-own", [hold("root", onBob)], "root", undefined],
  ["an-admin-not-another-admins", [hold("root", onBob)], "ruth", "not-permitted"],
  ["an-admin-not-an-auditors", [hold("carol", onBob)], "root", "not-permitted"],
  ["the-admin-at-the-machine-not-an-auditors", [hold("carol", onBob)], "admin@local", "not-permitted"],
  ["the-admin-at-the-machine-its-own", [hold("admin@local", onBob)], "admin@local", undefined],
  ["nobody-else", [hold("carol", onBob)], "erin", "not-permitted"],
  ["nobody-unknown", [hold("carol", onBob)], "mallory", "not-permitted"],
  ["not-on-oneself", [hold("carol", { identity: "alice" })], "alice", "own-sessions"],
  ["not-on-ones-own-session", [...session, hold("carol", { session: sessionId() })], "alice", "own-sessions"],
  [
    "not-on-a-target-where-they-were",
    [...session, hold("carol", { target: "prod-db-1" })],
    "alice",
    "own-sessions",
  ],
  ["on-a-target-where-another-was", [...session, hold("root", { target: "prod-db-1" })], "carol", undefined],
  [
    "not-twice",
    [hold("carol", onBob), { type: "hold.lifted", hold: holdId(), by: "carol", reason: "x" }],
    "carol",
    "lifted-before",
  ],
  ["not-while-locked", [hold("carol", onBob), locked("identity", "carol")], "carol", "locked"],
];

const asked = (by: string): AccessEvent => ({
  ...{ type: "disk.override.asked", override: overrideId(), by, reason: "outage", forMs: 50 },
});
const given: AccessEvent = { type: "disk.override.given", override: overrideId(), by: "ruth", untilMs: 52 };
const giveRows: readonly [
  name: string,
  events: readonly AccessEvent[],
  by: string,
  reason: string | undefined,
][] = [
  ["another-admin", [asked("root")], "ruth", undefined],
  ["not-the-one-who-asked", [asked("root")], "root", "own-wish"],
  ["not-an-auditor", [asked("root")], "carol", "not-an-admin"],
  ["not-the-admin-at-the-machine", [asked("root")], "admin@local", "not-an-admin"],
  ["nothing-asked", [], "ruth", "nothing-asked"],
  ["given-before", [asked("root"), given], "ruth", "in-force"],
  ["not-while-locked", [asked("root"), locked("identity", "ruth")], "ruth", "locked"],
];

describe("access/may-lift", () => {
  for (const [name, events, by, reason] of liftRows)
    it(name, () => {
      const state = stateOf(...events);
      const held = state.holds.get(holdId());
      assert.ok(held);
      const verdict = mayLift(people, state, held, by);
      assert.equal(verdict.ok ? undefined : verdict.reason, reason);
    });
});

describe("access/disk-override", () => {
  for (const [name, events, by, reason] of giveRows)
    it(`gives: ${name}`, () => {
      const verdict = mayGiveOverride(people, stateOf(...events), by, 3, "two-people");
      assert.equal(verdict.ok ? undefined : verdict.reason, reason);
    });

  it("asks for none where the configuration has none, and lets any named admin ask otherwise", () => {
    const ask = (by: string, whenFull: "refuse" | "two-people") =>
      mayAskOverride(people, stateOf(), by, 1, whenFull);
    assert.deepEqual(ask("root", "refuse"), { ok: false, reason: "not-allowed" });
    assert.deepEqual(ask("root", "two-people"), { ok: true });
    assert.deepEqual(ask("carol", "two-people"), { ok: false, reason: "not-an-admin" });
    assert.deepEqual(ask("admin@local", "two-people"), { ok: false, reason: "not-an-admin" });
  });
});
