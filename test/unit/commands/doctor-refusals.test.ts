import assert from "node:assert/strict";
import { refusalFinding } from "../../../src/commands/doctor-refusals.js";
import type { Control } from "../../../src/control/index.js";

const keeping = { path: "/home/salts", bytes: 10, bytesMax: 1000, lost: 0, failure: undefined };
const rows: Readonly<Record<string, [about: object, ok: boolean, detail: RegExp]>> = {
  "all-is-kept": [{}, true, /^what was asked for: 10 B of at most 1000 B in \/home\/salts$/u],
  "nearly-full": [{ bytes: 900 }, false, /; move or remove that file$/u],
  "full-and-lost-some": [
    { bytes: 990, lost: 3, failure: "full" },
    false,
    /of 3 since the start it was not kept; move/u,
  ],
  "a-disk-that-fails": [
    { lost: 1, failure: "EIO" },
    false,
    /^what was asked for is not kept: EIO; of 1 since/u,
  ],
  "kept-again": [{ lost: 1 }, true, /of 1 since the start it was not kept$/u],
};

describe("commands/doctor-refusals", () => {
  for (const [name, [about, ok, detail]] of Object.entries(rows))
    it(`${ok ? "is content with" : "warns of"} ${name}`, () => {
      const finding = refusalFinding({
        denials: { keeping: { ...keeping, ...about } },
      } as unknown as Control);
      assert.equal(finding.ok, ok);
      assert.match(finding.detail, detail);
    });
});
