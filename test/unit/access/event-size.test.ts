import assert from "node:assert/strict";
import {
  emptyState,
  EVENT_BYTES_MAX,
  fitsLedger,
  fold,
  mayApprove,
  mayRequest,
  parseAccessEvent,
  type AccessEvent,
  type AccessRequest,
  type Grant,
  type Policy,
} from "../../../src/access/index.js";
import { ENTRY_BYTES_MAX, type EntryCodec } from "../../../src/ledger/index.js";
import { encodeRow } from "../../../src/ledger/entry-row.js";
import {
  evidenceFor,
  FINGERPRINT,
  fromAny,
  grant,
  policy,
  request,
  requestApproved,
  requestId,
  requestMade,
  role,
} from "./sample.js";
import { LIMITS } from "./verdict-sample.js";

const codec: EntryCodec<AccessEvent> = { encode: (entry) => entry, decode: parseAccessEvent };
const record = { index: Number.MAX_SAFE_INTEGER, atMs: Number.MAX_SAFE_INTEGER };
const HASH_BYTES = 32;
const bytesOf = (entry: AccessEvent): number => encodeRow({ ...record, entry }, codec).length - HASH_BYTES;
const bytesAlone = (event: AccessEvent): number => Buffer.byteLength(JSON.stringify(event));

const name = (n: number): string => `${String(n).padStart(2, "0")}${"x".repeat(61)}`;
const names = Array.from({ length: 16 }, (_, n) => name(n));
const widest: Policy = {
  ...policy([
    role({
      ...{ name: name(99), targets: { by: "names", globs: ["*"] }, logins: names, maxDurationMs: 1e15 },
      ...{
        approvals: fromAny(2, "approvers"),
        sourceAddresses: Array.from({ length: 16 }, () => "10.0.0.0/8"),
      },
    }),
  ]),
  targets: new Map(names.map((each) => [each, { name: each, labels: {}, logins: names }])),
};
/** Asks for so many targets and logins, with so many characters of three bytes in the reason and the ticket each. */
const ask = (count: number, chars: number) => ({
  ...{ identity: "alice", targets: names.slice(0, count), logins: names.slice(0, count), durationMs: 1e15 },
  ...{ reason: "日".repeat(chars), ticket: "日".repeat(chars), breakGlass: false, fromMs: 1 },
});

describe("access/event-size", () => {
  it("leaves just enough for an entry's number and time", () => {
    const lapsed: AccessEvent = { type: "request.lapsed", request: requestId() };
    assert.ok(EVENT_BYTES_MAX + bytesOf(lapsed) - bytesAlone(lapsed) <= ENTRY_BYTES_MAX);
    const near = requestApproved({ comment: "x".repeat(900) });
    assert.equal(fitsLedger(near), bytesAlone(near) <= EVENT_BYTES_MAX);
  });

  it("lets nothing be asked that does not fit, nor a grant that answers it, and little less", () => {
    let largest = 0;
    for (let count = 1; count <= 16; count += 1) {
      for (const chars of [1, 100, 200, 250, 300, 350, 400, 450, 500]) {
        const asked = ask(count, chars);
        const verdict = mayRequest(widest, emptyState(), asked, LIMITS, 5);
        if (!verdict.ok) {
          assert.ok(
            verdict.reason === "text-too-long" || verdict.reason === "too-many-names",
            verdict.reason,
          );
          continue;
        }
        const { role: by } = verdict;
        const made: AccessRequest = {
          ...asked,
          id: requestId(),
          role: by.name,
          needs: by.approvals,
          lapsesAtMs: Number.MAX_SAFE_INTEGER,
        };
        const given: Grant = {
          ...grant({
            targets: made.targets,
            logins: made.logins,
            reason: made.reason,
            ticket: asked.ticket,
            how: "approved",
            role: by.name,
          }),
          ...{ channels: by.channels, sourceAddresses: by.sourceAddresses!, approvers: [name(1), name(2)] },
          ...{ fromMs: Number.MAX_SAFE_INTEGER - 1, untilMs: Number.MAX_SAFE_INTEGER },
        };
        const answer: AccessEvent = { type: "grant.issued", grant: given, by: name(1), request: requestId() };
        largest = Math.max(largest, bytesOf({ type: "request.made", request: made }), bytesOf(answer));
      }
    }
    assert.ok(largest <= ENTRY_BYTES_MAX);
    assert.ok(largest > ENTRY_BYTES_MAX - 300, `the largest has ${largest} bytes: the limit says little`);
  });

  it("lets no approval be given that does not fit, and the longest comment with an RSA key of 3,072 bits does", () => {
    const state = fold(emptyState(), requestMade(), 1);
    const held = state.requests.get(requestId())!;
    const allowed = policy();
    const bob = allowed.identities.get("bob")!;
    const withKey = { ...bob, keys: [{ line: "", fingerprint: FINGERPRINT }] };
    const rules = { ...allowed, identities: new Map([...allowed.identities, ["bob", withKey]]) };
    const decide = (keyBytes: number, chars: number) => {
      const base64 = Buffer.alloc(keyBytes).toString("base64");
      const evidence = {
        ...evidenceFor(request()),
        algorithm: "rsa-sha2-512",
        key: base64,
        signature: base64,
      };
      const comment = "日".repeat(chars);
      const approver = {
        name: "bob",
        fingerprint: FINGERPRINT,
        signed: true,
        presence: false,
        comment,
        evidence,
      };
      const verdict = mayApprove(rules, state, held, approver, 1000, 5);
      const event = requestApproved({ fingerprint: FINGERPRINT, durationMs: 1000, comment, evidence });
      if (verdict.ok) assert.ok(bytesOf(event) <= ENTRY_BYTES_MAX);
      return verdict.ok ? "ok" : verdict.reason;
    };
    assert.equal(decide(407, 500), "ok");
    assert.equal(decide(535, 500), "ok", "4,096 bits");
    assert.equal(decide(1047, 500), "text-too-long", "8,192 bits");
    assert.equal(decide(1047, 100), "ok");
  });
});
