import assert from "node:assert/strict";
import fc from "fast-check";
import { matchId, newId, parseId, type GrantId } from "../../../src/access/index.js";
import { grantId } from "./sample.js";

describe("access/id", () => {
  it("is its kind and 12 characters that can be read aloud", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (random) => {
        const id = newId("ses", Buffer.from(random));
        assert.match(id, /^ses-[0-9a-hjkmnp-tv-z]{12}$/);
        assert.equal(parseId("ses", id), id);
      }),
    );
    assert.throws(() => newId("ses", Buffer.alloc(7)), TypeError);
  });

  it("does not pass for another kind, or for half of itself", () => {
    assert.throws(() => parseId("ses", grantId()), { code: "bad-id" });
    assert.throws(() => parseId("grt", grantId().slice(0, -1)), { code: "bad-id" });
    assert.throws(() => parseId("grt", `${grantId()}\n`), { code: "bad-id" });
  });

  const ids = ["grt-0aaa", "grt-0abb", "grt-ses"] as GrantId[];
  const table: readonly [prefix: string, found: readonly string[]][] = [
    ["grt-0aaa", ["grt-0aaa"]],
    ["grt-0aa", ["grt-0aaa"]],
    ["0ab", ["grt-0abb"]],
    ["grt-0a", ["grt-0aaa", "grt-0abb"]],
    ["ses", ["grt-ses"]],
    ["ses-0aaa", []],
    ["aaa", []],
    ["grt-", []],
    ["", []],
  ];
  for (const [prefix, found] of table) {
    it(`finds ${String(found.length)} by ${JSON.stringify(prefix)}`, () => {
      const match = matchId(prefix, ids);
      const got = match.kind === "several" ? match.candidates : match.kind === "unique" ? [match.id] : [];
      assert.deepEqual(got, found);
    });
  }
  it("takes a whole id even when others begin with it", () => {
    assert.deepEqual(matchId("grt-0", ["grt-00", "grt-0"]), { kind: "unique", id: "grt-0" });
  });
});
