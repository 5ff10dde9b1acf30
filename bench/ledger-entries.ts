import { createHash } from "node:crypto";
import type { AccessEvent } from "../src/access/index.js";
import { certificateIssued, grantIssued, sessionId, sessionStarted } from "../test/unit/access/sample.js";

/** A session's entries: its start, its end, and the heads of some 17 minutes in between. */
const entriesEach = 1000;

/** A ledger as a busy bastion writes it, one session after the other: nearly all of it the heads of live recordings. */
export function entryOf(index: number): AccessEvent {
  if (index === 0) return grantIssued();
  if (index === 1) return certificateIssued();
  const [number, at] = [Math.floor((index - 2) / entriesEach), (index - 2) % entriesEach];
  const session = sessionId(number + 1);
  if (at === 0) return sessionStarted({ session, recording: `2026-01-02/${session}.bsr` });
  const hash = createHash("sha256").update(String(index)).digest("hex");
  const head = { bytes: at * 911, blocks: at, hash };
  if (at < entriesEach - 1) return { type: "recording.head", session, ...head };
  return { type: "session.ended", session, outcome: "closed", head };
}

/** What a session leaves in the state: its certificate, its start, its last head and its end, as any year has them. */
export function sessionEntries(number: number): readonly AccessEvent[] {
  const session = sessionId(number);
  const serial = String(2n ** 63n + BigInt(number));
  const digest = createHash("sha256").update(serial).digest();
  const [hash, fingerprint] = [digest.toString("hex"), `SHA256:${digest.toString("base64").slice(0, 43)}`];
  const recording = `2026-01-02/${session}.bsr`;
  return [
    { ...certificateIssued(serial), fingerprint } as AccessEvent,
    sessionStarted({ session, serial, recording, retention: { atHandMs: 1, keepMs: 2 } }),
    { type: "session.ended", session, outcome: "closed", head: { bytes: number * 911, blocks: 9, hash } },
  ];
}
