import assert from "node:assert/strict";
import { nearest } from "../../../src/wording/index.js";

describe("wording/nearest", () => {
  const known = ["listen", "limits", "loginGrace", "hostKeys", "hostCA"];
  const table: readonly [word: string, meant: string | undefined][] = [
    ["lisetn", "listen"],
    ["LIMITS", "limits"],
    ["hostkey", "hostKeys"],
    ["hostCa", "hostCA"],
    ["grace", undefined],
    ["", undefined],
    ["x".repeat(10_000), undefined],
  ];
  for (const [word, meant] of table) {
    it(`takes ${word.slice(0, 12)} for ${String(meant)}`, () => assert.equal(nearest(word, known), meant));
  }
});
