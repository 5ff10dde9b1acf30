import type { AccessEvent, EventOf, Policy } from "../../../src/access/index.js";
import { grantIssued, HASH, holdId, policy, redactionId, sessionId, sessionStarted } from "./sample.js";

/** A session that is over. */
export const ended: readonly AccessEvent[] = [
  grantIssued(),
  sessionStarted(),
  { type: "session.ended", session: sessionId(), outcome: "closed" },
];

/** Dave wants blocks 4 to 6 gone; it lapses at 100 ms. */
export const redactionAsked = (
  changes: Partial<EventOf<"redaction.asked">> = {},
): EventOf<"redaction.asked"> => ({
  ...{ type: "redaction.asked", redaction: redactionId(), session: sessionId(), blocks: [4, 6] },
  ...{ reason: "a password", by: "dave", lapsesAtMs: 100 },
  ...changes,
});

export const redactionApproved = (by = "erin"): AccessEvent => ({
  ...{ type: "redaction.approved", redaction: redactionId(), by },
});

export const redacted = (changes: Partial<EventOf<"recording.redacted">> = {}): AccessEvent => ({
  ...{ type: "recording.redacted", redaction: redactionId(), session: sessionId(), from: 4, to: 6 },
  ...{ approval: 5, substitutes: HASH },
  ...changes,
});

export const held: AccessEvent = {
  ...{ type: "hold.set", hold: holdId(), session: sessionId(), by: "root", reason: "case 7" },
};

/** Dave and erin redact. */
export function redactors(): Policy {
  const whole = policy();
  const member = (name: string) => [name, { name, groups: ["redactors"], keys: [], workloads: [] }] as const;
  return { ...whole, identities: new Map([...whole.identities, member("dave"), member("erin")]) };
}
