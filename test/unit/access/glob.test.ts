import assert from "node:assert/strict";
import { matchGlob } from "../../../src/access/index.js";

describe("access/glob", () => {
  const table: readonly [glob: string, name: string, covers: boolean][] = [
    ["*", "", true],
    ["prod-*", "prod-db-1", true],
    ["prod-*", "prod", false],
    ["*-db-*", "prod-db-1", true],
    ["prod-db-?", "prod-db-1", true],
    ["prod-db-?", "prod-db-10", false],
    ["prod.db", "prod-db", false],
    ["a*b*c", "aXbXbXc", true],
    ["a*b*c", "aXbXbX", false],
    ["", "", true],
    ["", "a", false],
  ];
  for (const [glob, name, covers] of table) {
    it(`${glob} ${covers ? "covers" : "does not cover"} ${name}`, () =>
      assert.equal(matchGlob(glob, name), covers));
  }
  it("takes no longer for a glob made to take long", () => {
    const startedMs = performance.now();
    assert.equal(matchGlob("*a".repeat(30) + "b", "a".repeat(5000)), false);
    assert.ok(performance.now() - startedMs < 1000);
  });
});
