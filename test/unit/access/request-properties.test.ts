import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AccessError,
  emptyState,
  fold,
  mayApprove,
  mayOpenSession,
  mayRequest,
  parseAccessEvent,
  type AccessEvent,
  type Approvals,
  type GrantOrigin,
  type LockKind,
  type Quorum,
  type RequestState,
  type State,
} from "../../../src/access/index.js";
import { Desk } from "./desk.js";
import { moves, real, usual } from "./history.js";
import {
  answered,
  FINGERPRINT,
  fromAny,
  grantId,
  grantIssued,
  locked,
  policy,
  requestApproved,
  requestId,
  requestMade,
} from "./sample.js";
import { LIMITS } from "./verdict-sample.js";

// What nobody's verdict has looked at: any event with any other, as a ledger could hold them. Three requests, three grants.
const few = fc.integer({ min: 1, max: 3 });
const person = fc.constantFrom("alice", "bob", "carol", "dave");
const lengths = fc.integer({ min: 1, max: 60 }).map((seconds) => seconds * 1000);
const all = (...quorums: Quorum[]): Approvals => ({
  kind: "all-of",
  quorums,
  signed: false,
  presence: false,
});
const needs = fc.constantFrom<Approvals>(
  { kind: "automatic" },
  fromAny(1, "approvers"),
  fromAny(2, "approvers"),
  all({ count: 1, from: ["approvers"] }, { count: 1, from: ["security"] }),
  {
    ...all({ count: 2, from: ["security"] }, { count: 1, from: ["approvers"] }),
    kind: "any-of",
  } as Approvals,
  { ...fromAny(1, "approvers"), signed: true } as Approvals,
);
const origin = fc.constantFrom<GrantOrigin>("approved", "approved", "automatic", "break-glass");

const made = fc
  .tuple(few, fc.constantFrom("alice", "alice", "bob"), lengths, needs, fc.boolean(), fc.option(few))
  .map(([id, identity, durationMs, wanted, breakGlass, of]): AccessEvent =>
    requestMade({
      ...{ id: requestId(id), identity, durationMs, needs: wanted, breakGlass, lapsesAtMs: 90_000 },
      ...(of !== null && id === 3 && { extends: grantId(Math.min(of, 2)) }),
    }),
  );
const approved = fc
  .tuple(few, person, fc.subarray(["approvers", "security"]), fc.option(lengths))
  .map(([id, by, groups, durationMs]): AccessEvent =>
    requestApproved({ request: requestId(id), by, groups, ...(durationMs !== null && { durationMs }) }),
  );
const issued = fc
  .tuple(few, few, fc.constantFrom("alice", "bob"), origin, fc.integer({ min: 0, max: 20_000 }), lengths)
  .map(([of, id, identity, how, fromMs, lifeMs]): AccessEvent =>
    answered(
      { id: grantId(id), identity, how, approvers: [], fromMs, untilMs: fromMs + lifeMs },
      requestId(of),
    ),
  );
const extended = fc
  .tuple(few, fc.option(fc.constantFrom(2, 3, 3)), lengths, fc.constantFrom("alice", "bob"))
  .map(([id, of, untilMs, by]): AccessEvent => ({
    type: "grant.extended",
    ...{ grant: grantId(id), untilMs: untilMs + 60_000, by, reason: "x" },
    ...(of !== null && { request: requestId(of) }),
  }));
const subject = fc.constantFrom<readonly [LockKind, string]>(
  ["identity", "alice"],
  ["identity", "bob"],
  ["target", "prod-db-1"],
);
const lock = fc.tuple(subject, fc.boolean()).map(([[kind, name], isSet]): AccessEvent => {
  const set = locked(kind, name);
  return isSet ? set : { ...set, type: "lock.lifted" };
});
const ended = fc
  .tuple(few, fc.constantFrom<"request.denied" | "request.cancelled">("request.denied", "request.cancelled"))
  .map(([id, type]): AccessEvent => ({ type, request: requestId(id), by: "carol", reason: "no" }));
const revoked = few.map((id): AccessEvent => ({
  type: "grant.revoked",
  grant: grantId(id),
  by: "bob",
  reason: "x",
}));
const later = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: made },
    { weight: 8, arbitrary: approved },
    { weight: 8, arbitrary: issued },
    { weight: 4, arbitrary: extended },
    { weight: 1, arbitrary: fc.oneof(lock, ended, revoked) },
  ),
  { maxLength: 50, size: "max" },
);

/** Half of them begin with a grant that can be extended. */
const anything = fc.oneof(
  later,
  later.map((events) => [grantIssued({ id: grantId(1), fromMs: 0, untilMs: 60_000 }), ...events]),
);

/** Folds what is possible, the nth at n seconds; answers with what was, in order. */
function folded(events: readonly AccessEvent[]): { state: State; done: readonly AccessEvent[] } {
  const state = emptyState();
  const done: AccessEvent[] = [];
  for (const [index, event] of events.entries()) {
    try {
      fold(state, parseAccessEvent(event), index * 1000);
      done.push(event);
    } catch (error) {
      assert.ok(error instanceof AccessError && error.code === "impossible-event", String(error));
    }
  }
  return { state, done };
}

/** Counted once more, by trying every seating: nobody in two seats, nobody who asked. */
function isEnough({ request, approvals }: RequestState): boolean {
  const rule = request.needs;
  if (rule.kind === "automatic") return true;
  const others = approvals.filter(({ by, signed }) => by !== request.identity && (signed || !rule.signed));
  const people = [...new Set(others.map(({ by }) => by))];
  const fills = (seats: readonly (readonly string[])[], left: readonly string[]): boolean => {
    const [seat, ...rest] = seats;
    if (seat === undefined) return true;
    const fits = (who: string): boolean =>
      others.some(({ by, groups }) => by === who && groups.some((group) => seat.includes(group)));
    return left.some(
      (who) =>
        fits(who) &&
        fills(
          rest,
          left.filter((one) => one !== who),
        ),
    );
  };
  const seatsOf = ({ count, from }: Quorum): (readonly string[])[] =>
    Array.from({ length: count }, () => from);
  if (rule.kind === "all-of") return fills(rule.quorums.flatMap(seatsOf), people);
  return rule.quorums.some((quorum) => fills(seatsOf(quorum), people));
}

function shortest({ request, approvals }: RequestState): number {
  return Math.min(request.durationMs, ...approvals.map(({ durationMs }) => durationMs ?? request.durationMs));
}

/** Of any state: that of the fold of anything, and that of a desk which asked the verdicts. */
function checkGrants(state: State): number {
  for (const { grant, request, extensions } of state.grants.values()) {
    const answers = request === undefined ? undefined : state.requests.get(request);
    if (answers === undefined) assert.equal(grant.how, undefined);
    else if (grant.how === "break-glass") assert.ok(answers.request.breakGlass);
    else assert.ok(isEnough(answers), `grant ${grant.id} has no quorum`);
    let own = 0;
    for (const extension of extensions) {
      const asked = extension.request === undefined ? undefined : state.requests.get(extension.request);
      if (asked === undefined) own += 1;
      else
        assert.ok(
          isEnough(asked) && asked.request.extends === grant.id,
          `${grant.id} was extended without a quorum`,
        );
    }
    assert.ok(own <= 1, "nobody extends their own twice");
  }
  return state.grants.size;
}

describe("access properties of requests", () => {
  it("no sequence of events makes a grant or an extension without its quorum", () => {
    let grants = 0;
    let extensions = 0;
    fc.assert(
      fc.property(anything, (events) => {
        const { state } = folded(events);
        grants += checkGrants(state);
        extensions += [...state.grants.values()].filter((held) => held.extensions.length > 0).length;
      }),
      { numRuns: 1000 },
    );
    assert.ok(
      grants > 50 && extensions > 10,
      `${grants} grants, ${extensions} extensions: the property says little`,
    );
  });

  it("no request counts its requester, or the same person twice", () => {
    fc.assert(
      fc.property(anything, (events) => {
        for (const { request, approvals } of folded(events).state.requests.values()) {
          const people = approvals.map(({ by }) => by);
          assert.ok(!people.includes(request.identity));
          assert.equal(new Set(people).size, people.length);
        }
      }),
    );
  });

  it("no grant outlives its until, which only accepted extensions move, nor what was asked for and approved", () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 0, max: 200_000 }), (events, nowMs) => {
        const { state, done } = folded(events);
        for (const { grant, request } of state.grants.values()) {
          const given = done.find((event) => event.type === "grant.issued" && event.grant.id === grant.id);
          const moved = done
            .filter((event) => event.type === "grant.extended" && event.grant === grant.id)
            .at(-1);
          assert.ok(given?.type === "grant.issued");
          const first = given.grant.untilMs;
          const until = moved?.type === "grant.extended" ? moved.untilMs : first;
          assert.equal(grant.untilMs, until);
          assert.ok(until >= first);
          const asked = request && state.requests.get(request);
          if (asked) assert.ok(first - given.grant.fromMs <= shortest(asked) + 1000);
          let end = first;
          for (const event of done) {
            if (event.type !== "grant.extended" || event.grant !== grant.id) continue;
            const wanted = event.request && state.requests.get(event.request);
            if (wanted) assert.ok(event.untilMs - end <= shortest(wanted) + 1000);
            end = event.untilMs;
          }
          const { identity } = grant;
          const ask = {
            identity,
            fingerprint: FINGERPRINT,
            target: "prod-db-1",
            login: "postgres",
            clientAddress: "::1",
          };
          const verdict = mayOpenSession(state, policy(), ask, nowMs);
          if (verdict.ok) assert.ok(nowMs < verdict.untilMs && verdict.grant.untilMs === verdict.untilMs);
        }
      }),
    );
  });

  it("locks win: who or what is locked asks, approves and opens nothing, whatever came before", () => {
    fc.assert(
      fc.property(anything, subject, fc.integer({ min: 0, max: 100_000 }), (events, [kind, name], nowMs) => {
        const { state } = folded([...events, locked(kind, name)]);
        const lockedPeople = kind === "identity" ? [name] : ["alice", "bob", "carol"];
        for (const identity of lockedPeople) {
          const place = { target: "prod-db-1", login: "postgres", clientAddress: "::1" };
          const opened = mayOpenSession(
            state,
            policy(),
            { identity, fingerprint: FINGERPRINT, ...place },
            nowMs,
          );
          assert.equal(!opened.ok && opened.reason, "locked");
          const ask = { identity, targets: ["prod-db-1"], logins: ["postgres"], durationMs: 1, reason: "x" };
          assert.ok(!mayRequest(policy(), state, { ...ask, breakGlass: false }, LIMITS, nowMs).ok);
          for (const held of state.requests.values()) {
            const verdict = mayApprove(
              policy(),
              state,
              held,
              { name: identity, signed: true, presence: true },
              undefined,
              nowMs,
            );
            assert.ok(!verdict.ok, "a locked approver, or a request for a locked target");
          }
        }
      }),
    );
  });

  it("a desk that asks the verdicts never meets an impossible event, and never makes a grant without its quorum", () => {
    let grants = 0;
    fc.assert(
      fc.property(moves, (history) => {
        const desk = new Desk(real(usual));
        for (const { run } of history) run(desk);
        grants += checkGrants(desk.state);
      }),
      { numRuns: 200 },
    );
    assert.ok(grants > 50, `only ${grants} grants`);
  });

  it("the fold of what was written down is the same state", () => {
    fc.assert(
      fc.property(anything, (events) => {
        const reread = events.map((event) => parseAccessEvent(JSON.parse(JSON.stringify(event))));
        assert.deepEqual(folded(reread).state, folded(events).state);
      }),
    );
  });
});
