import fc from "fast-check";
import type { AccessEvent, State } from "../../../src/access/index.js";
import { redacted, redactionApproved, redactionAsked } from "./redaction-sample.js";
import {
  answered,
  certificateIssued,
  evidenceFor,
  grantId,
  grantIssued,
  HASH,
  holdId,
  locked,
  overrideId,
  redactionId,
  request,
  requestApproved,
  requestId,
  requestMade,
  sessionId,
  sessionStarted,
} from "./sample.js";

const far = 1e12;
const AUDITOR = `bascule-auditor:${"A".repeat(43)}`;

/** All that can happen to the nth of everything, with every field that there is, in an order in which it can. */
export function life(n: number): readonly AccessEvent[] {
  const [session, grant, redaction] = [sessionId(n), grantId(n), redactionId(n)];
  const asked = { id: requestId(n), identity: "alice", fromMs: 1, ticket: "INC-42", lapsesAtMs: far };
  const head = { bytes: 100 * n, blocks: n, hash: HASH };
  const by = { by: "carol", reason: "case 7" };
  return [
    { type: "bastion.started", version: "0.1.0", policy: HASH },
    requestMade(asked),
    requestApproved({
      request: requestId(n),
      durationMs: 900,
      comment: 'Prüfung "7" \\ 日本',
      evidence: evidenceFor(request(asked)),
    }),
    answered({ id: grant, untilMs: 1500, approvers: ["bob"] }, requestId(n)),
    grantIssued({ id: grantId(n + 10), identity: `person-${n}`, untilMs: far }),
    requestMade({ id: requestId(n + 10), identity: `person-${n}`, breakGlass: true, lapsesAtMs: far }),
    answered(
      { id: grantId(n + 20), identity: `person-${n}`, how: "break-glass", approvers: [] },
      requestId(n + 10),
    ),
    requestMade({ id: requestId(n + 20), lapsesAtMs: far }),
    requestMade({ id: requestId(n + 30), lapsesAtMs: far }),
    { type: "request.cancelled", request: requestId(n + 30), by: "alice" },
    certificateIssued(String(n), [grant]),
    sessionStarted({ session, grant, retention: { atHandMs: 1, keepMs: 0 }, index: "sealed" }),
    sessionStarted({ session: sessionId(n + 10), grant, proxy: `proxy-${n}` }),
    { type: "session.failed", session, code: "target-refused", detail: "refused" },
    { type: "recording.head", session, ...head },
    locked("target", `prod-${n}`),
    { type: "lock.lifted", kind: "target", name: `prod-${(n % 3) + 1}`, by: "root", reason: "found" },
    {
      type: "token.issued",
      token: `t-${n}`,
      identity: "alice",
      purpose: "http",
      commands: ["doctor"],
      untilMs: far,
    },
    { type: "session.cut", session, reason: "grant-ended", by: "bastion@local" },
    { type: "session.ended", session, outcome: "closed", head: { ...head, torn: { bytes: 7, hash: HASH } } },
    {
      type: "session.denied",
      stage: "authorise",
      reason: "no-grant",
      words: HASH,
      clientAddress: "192.0.2.1",
    },
    { type: "grant.reviewed", grant: grantId(n + 20), by: "bob", comment: "seen" },
    { type: "grant.ended", grant },
    { type: "grant.revoked", grant: grantId(n + 10), by: "bob", reason: "lost" },
    { type: "certificate.revoked", serial: String(n), by: "bob", reason: "lost" },
    {
      type: "certificate.revoked",
      fingerprint: `SHA256:${"BCDEF"[n] ?? "G"}${"A".repeat(42)}`,
      by: "bob",
      reason: "lost",
    },
    redactionAsked({ redaction, session, lapsesAtMs: far }),
    redactionAsked({ redaction: redactionId(n + 10), session, lapsesAtMs: far }),
    { ...redactionApproved(), redaction } as AccessEvent,
    redacted({ redaction, session }),
    { type: "recording.rewrapped", session, by: "bob", recipients: [AUDITOR], substitute: HASH },
    {
      type: "recording.unsealed",
      session,
      by: "bob",
      for: "carol",
      recipient: AUDITOR,
      reason: "INC",
    },
    { type: "recording.archived", session, path: "2026-11-21/a.bsr" },
    { type: "hold.set", hold: holdId(n), session, ...by },
    { type: "hold.set", hold: holdId(n + 10), identity: "alice", ...by },
    { type: "hold.lifted", hold: holdId(n), ...by },
    { type: "recording.deleted", session, hash: HASH },
    { type: "disk.state", state: "low", where: "recordings", freeBytes: n },
    { type: "disk.override.asked", override: overrideId(n), by: "root", reason: "outage", forMs: 5 },
    { type: "disk.override.given", override: overrideId(n), by: "ruth", untilMs: 9 },
    { type: "disk.override.ended", override: overrideId(n), by: "bastion@local" },
    { type: "proxy.lost", proxy: `proxy-${n}` },
    { type: "bastion.stopped" },
  ];
}

/** An event of a ledger, and when it was written. */
export interface Written {
  readonly event: AccessEvent;
  readonly atMs: number;
}

const stepMs = fc.oneof(fc.nat(50), fc.constantFrom(0, 70_000, -70_000));

/** Several lives, each without some of what could have happened in it, at once: much of it is possible, some is not. */
export const lives: fc.Arbitrary<readonly Written[]> = fc
  .tuple(
    ...[1, 2, 3].map((n) =>
      fc.tuple(
        fc.subarray([...life(n)], { minLength: 25 }),
        fc.array(fc.nat(9), { minLength: 50, maxLength: 50 }),
      ),
    ),
  )
  .chain((all) => {
    const merged = all
      .flatMap(([events, gaps]) => {
        let at = 0;
        return events.map((event, nth) => ({ event, at: (at += gaps[nth] ?? 0) }));
      })
      .sort((a, b) => a.at - b.at);
    return fc.array(stepMs, { minLength: merged.length, maxLength: merged.length }).map((steps) => {
      let atMs = 1_000_000;
      return merged.map(({ event }, index) => ({ event, atMs: (atMs += steps[index] ?? 0) }));
    });
  });

/** A state with its maps and sets as lists: their order counts too, which `deepEqual` does not see. */
export function inOrder(state: State): unknown {
  return Object.entries(state).map(([field, held]: [string, unknown]) => [field, listed(held)]);
}

function listed(held: unknown): unknown {
  if (held instanceof Map) return [...held].map(([key, value]) => [key, listed(value)] as const);
  return held instanceof Set ? [...held] : held;
}
