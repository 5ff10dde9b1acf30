import fc from "fast-check";
import type { Policy, Role } from "../../../src/access/index.js";
import type { Desk } from "./desk.js";
import { NaiveModel, type NaivePolicy, type NaiveRole } from "./naive-model.js";
import { HASH, role } from "./sample.js";

export const PEOPLE = ["alice", "bob", "carol", "dave", "root"];
export const TARGETS = ["prod-db-1", "prod-web-1"];
const ROLES = ["easy", "one", "two", "two", "both", "both"];

const from = (count: number, ...groups: string[]) => ({ count, from: groups });
const base: NaiveRole = {
  ...{
    name: "one",
    groups: ["engineers"],
    targets: TARGETS,
    kind: "all-of",
    quorums: [from(1, "approvers")],
  },
  ...{ maxMs: 30_000, breakGlass: false, selfMs: 0 },
};
const easy: NaiveRole = {
  ...base,
  name: "easy",
  kind: "automatic",
  quorums: [],
  targets: ["prod-web-1"],
  maxMs: 20_000,
};
const one: NaiveRole = { ...base, selfMs: 5000, breakGlass: true };
const two: NaiveRole = { ...base, name: "two", quorums: [from(2, "approvers", "security")] };
const both: NaiveRole = { ...base, name: "both", quorums: [from(1, "approvers"), from(1, "security")] };
const people = {
  ...{ alice: ["engineers"], bob: ["approvers", "engineers"], carol: ["approvers", "security"] },
  ...{ dave: ["security", "engineers"], root: ["platform"] },
};
export const usual: NaivePolicy = { people, roles: [easy, one, two, both], admins: ["platform"] };
/** What an admin may make of it: looser, tighter, without somebody, without a role. */
const policies: readonly NaivePolicy[] = [
  usual,
  {
    ...usual,
    roles: [
      { ...easy, kind: "all-of", quorums: [from(1, "approvers")] },
      { ...one, kind: "automatic", quorums: [] },
      two,
      both,
    ],
  },
  {
    ...usual,
    roles: [
      easy,
      { ...one, quorums: [from(2, "approvers")] },
      { ...two, kind: "any-of", quorums: [from(2, "security"), from(1, "platform")] },
      { ...both, maxMs: 10_000 },
    ],
  },
  { ...usual, people: { ...people, carol: ["engineers"], bob: [] } },
  { ...usual, people: { alice: ["engineers", "approvers"], carol: people.carol, dave: people.dave } },
  { ...usual, roles: [easy, { ...one, breakGlass: false, targets: ["prod-db-1"], selfMs: 0 }] },
];

/** The same policy as the code has it. */
export function real({ people: named, roles, admins }: NaivePolicy): Policy {
  const asRole = (each: NaiveRole): Role => {
    const { name, groups, targets, kind, quorums, maxMs, breakGlass, selfMs } = each;
    const needs = kind === "automatic" ? { kind } : { kind, quorums, signed: false, presence: false };
    return role({
      ...{ name, groups, logins: ["postgres"], targets: { by: "names", globs: targets } },
      ...{ maxDurationMs: maxMs, approvals: needs, breakGlass },
      ...(selfMs > 0 && { selfExtensionMs: selfMs }),
    });
  };
  return {
    ...{ hash: HASH, admins, auditors: [], redactors: [], unsealers: [] },
    identities: new Map(
      Object.entries(named).map(([name, groups]) => [name, { name, groups, keys: [], workloads: [] }]),
    ),
    targets: new Map(TARGETS.map((name) => [name, { name, labels: {}, logins: ["postgres"] }])),
    roles: new Map(roles.map((each) => [each.name, asRole(each)])),
  };
}

/** One thing that happens, to the code or to the model. */
export interface Move {
  readonly name: string;
  /** What the side answers; nothing where it is not asked. */
  readonly run: (side: Desk | NaiveModel) => unknown;
}
const move = (name: string, run: Move["run"]): Move => ({ name, run });
const person = fc.constantFrom(...PEOPLE);
const asker = fc.constantFrom("alice", "alice", "bob", "dave");
const target = fc.constantFrom(...TARGETS);
/** Counted from the latest back, so that what is new is met most. */
const back = fc.constantFrom(0, 0, 0, 1, 1, 2);
const seconds = fc.constantFrom(1000, 5000, 10_000, 20_000, 30_000, 31_000);
const latest = (list: readonly unknown[], n: number): number => list.length - 1 - n;

const asking = fc
  .tuple(asker, target, fc.constantFrom(...ROLES), seconds, fc.constantFrom(false, false, true))
  .map(([who, where, by, ms, glass]) =>
    move(`${who} asks ${where} by ${by} for ${ms}${glass ? " breaking glass" : ""}`, (side) =>
      side.ask(who, where, by, ms, glass),
    ),
  );
const approving = fc
  .tuple(back, person, fc.option(seconds, { nil: undefined, freq: 4 }))
  .map(([n, by, ms]) =>
    move(`${by} approves -${n} for ${ms ?? "all"}`, (side) => side.approve(latest(side.requests, n), by, ms)),
  );
const extending = fc
  .tuple(back, asker, fc.constantFrom(1000, 5000, 6000, 10_000))
  .map(([n, by, ms]) =>
    move(`${by} extends -${n} by ${ms}`, (side) => side.extend(latest(side.grants, n), by, ms)),
  );
const reviewing = fc
  .tuple(fc.nat(4), fc.constantFrom("alice", "bob", "carol", "carol", "root", "root"))
  .map(([n, by]) => move(`${by} reviews -${n}`, (side) => side.review(latest(side.grants, n), by)));
const passing = fc
  .constantFrom(1000, 5000, 20_000, 61_000)
  .map((ms) => move(`${ms} pass`, (side) => side.pass(ms)));
const others: readonly fc.Arbitrary<Move>[] = [
  fc
    .tuple(back, fc.constantFrom(...PEOPLE, "admin@local"))
    .map(([n, by]) => move(`${by} denies -${n}`, (side) => side.deny(latest(side.requests, n), by))),
  fc
    .tuple(back, person)
    .map(([n, by]) => move(`${by} cancels -${n}`, (side) => side.cancel(latest(side.requests, n), by))),
  back.map((n) => move(`-${n} is revoked`, (side) => side.revoke(latest(side.grants, n)))),
  fc.constantFrom(...PEOPLE, ...TARGETS).map((name) => move(`${name} is locked`, (side) => side.lock(name))),
  fc.constant(move("the timer comes round", (side) => side.lapse())),
  fc.constant(
    move("everything is unlocked", (side) => [...PEOPLE, ...TARGETS].forEach((name) => side.unlock(name))),
  ),
  fc
    .constantFrom(...PEOPLE, ...TARGETS)
    .map((name) => move(`${name} is unlocked`, (side) => side.unlock(name))),
  fc.constantFrom(0, 0, 0, ...policies.keys()).map((n) =>
    move(`policy ${n} comes into force`, (side) => {
      const next = policies[n] ?? usual;
      if (side instanceof NaiveModel) side.policy = next;
      else side.policy = real(next);
    }),
  ),
];
/** Histories of up to 60 moves. */
export const moves = fc.array(
  fc.oneof(
    { weight: 16, arbitrary: asking },
    { weight: 40, arbitrary: approving },
    { weight: 20, arbitrary: reviewing },
    { weight: 12, arbitrary: extending },
    { weight: 6, arbitrary: passing },
    ...others.map((arbitrary) => ({ weight: 2, arbitrary })),
  ),
  { minLength: 5, maxLength: 60, size: "max" },
);
