import assert from "node:assert/strict";
import { parseActor, parseLogin, parseName } from "../../../src/access/index.js";

describe("access/name", () => {
  for (const good of ["a", "0", "prod-db-1", "db.example.net", "a_b", "a".repeat(63)]) {
    it(`takes ${good.slice(0, 20)}`, () => assert.equal(parseName(good), good));
  }
  const bad = [
    "",
    "A",
    "-a",
    ".a",
    "_a",
    "a b",
    "a\n",
    "a\0",
    "a\x1b[2J",
    "а",
    "é",
    "a/b",
    "a%b",
    "a@b",
    "a".repeat(64),
  ];
  for (const name of [...bad, "a".repeat(10_000)]) {
    it(`refuses ${JSON.stringify(name.slice(0, 12))} without repeating it`, () => {
      assert.throws(
        () => parseName(name),
        (error: Error & { code?: string }) => {
          return error.code === "bad-name" && (name.length < 2 || !error.message.includes(name));
        },
      );
    });
  }

  it("lets a login begin with _, and nothing else", () => {
    assert.equal(parseLogin("_apt"), "_apt");
    assert.throws(() => parseLogin("-oProxyCommand=x"), { code: "bad-name" });
    assert.throws(() => parseLogin("Root"), { code: "bad-name" });
  });

  it("keeps the bastion's own actors out of people's reach", () => {
    assert.equal(parseActor("admin@local"), "admin@local");
    assert.throws(() => parseName("admin@local"), { code: "bad-name" });
    assert.throws(() => parseActor("root@local"), { code: "bad-name" });
  });
});
