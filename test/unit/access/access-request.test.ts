import assert from "node:assert/strict";
import { approvalUser, parseApprovalUser, requestDigest } from "../../../src/access/index.js";
import { grantId, request } from "./sample.js";

const needs = {
  kind: "any-of",
  quorums: [{ count: 2, from: ["a", "b"] }],
  signed: true,
  presence: false,
} as const;
const full = request({
  ...{ fromMs: 1_700_000_000_000, ticket: "INC-42", extends: grantId(7), needs },
  reason: 'said "now" — naïve\\path 日本',
});

describe("access/access-request", () => {
  // Made with Python's json (sort_keys, no white space, UTF-8) and hashlib, from the same values.
  it("has the digest that another program computes", () => {
    const plain = "6398add0981a0ecd71631678f37f6d3111eb5661d6b119a1aacd7a0b6b7e72f5";
    assert.equal(requestDigest(request()), plain);
    assert.equal(requestDigest(full), "4cb3f1b54c501b552e2c16c6d194bcfc7276c17d34643e0ec9aaf80333735798");
    assert.equal(approvalUser(request()), `approve.req-100000000000.${plain}`);
  });

  it("has the same digest however its members are ordered, and whether absent ones are undefined", () => {
    const reversed = Object.fromEntries(Object.entries(full).reverse()) as unknown as typeof full;
    assert.equal(requestDigest(reversed), requestDigest(full));
    assert.equal(requestDigest({ ...request(), ticket: undefined } as never), requestDigest(request()));
  });

  it("has another digest for every change", () => {
    const changes: readonly Partial<typeof full>[] = [
      { identity: "bob" },
      { targets: ["prod-db-1", "prod-db-2"] },
      { logins: ["root"] },
      { durationMs: 1001 },
      { fromMs: 1 },
      { reason: "x" },
      { ticket: "INC-43" },
      { role: "other" },
      { needs: { ...needs, signed: false } },
      { breakGlass: true },
      { extends: grantId(8) },
      { lapsesAtMs: 5001 },
      { targets: ["prod-db-1,postgres"] },
    ];
    const digests = changes.map((change) => requestDigest({ ...full, ...change }));
    assert.equal(new Set([...digests, requestDigest(full)]).size, changes.length + 1);
  });

  it("reads the user name back", () => {
    const user = approvalUser(full);
    assert.deepEqual(parseApprovalUser(user), { request: full.id, digest: requestDigest(full) });
  });

  const others: readonly [name: string, user: string][] = [
    ["a-name", "alice"],
    ["nothing", ""],
    ["no-digest", "approve.req-100000000000"],
    ["a-short-digest", `approve.req-100000000000.${"0".repeat(63)}`],
    ["a-long-digest", `approve.req-100000000000.${"0".repeat(65)}`],
    ["upper-case", `approve.req-100000000000.${"A".repeat(64)}`],
    ["another-kind-of-id", `approve.grt-100000000000.${"0".repeat(64)}`],
    ["letters-that-ids-have-not", `approve.req-10000000000l.${"0".repeat(64)}`],
    ["a-line-end", `approve.req-100000000000.${"0".repeat(64)}\n`],
    ["something-before", ` approve.req-100000000000.${"0".repeat(64)}`],
  ];
  for (const [name, user] of others) {
    it(`takes ${name} for none`, () => assert.equal(parseApprovalUser(user), undefined));
  }
});
