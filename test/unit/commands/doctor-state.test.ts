import assert from "node:assert/strict";
import type { Control } from "../../../src/control/index.js";
import { stateFinding } from "../../../src/commands/doctor-state.js";

describe("commands/doctor-state", () => {
  it("says how the start came to know what is true, and how long it took", () => {
    const snapshot = { snapshot: 1000, folded: 20, tookMs: 349 };
    const replay = { snapshot: 0, folded: 1020, tookMs: 3000, refused: "other-code" } as const;
    assert.deepEqual(
      [snapshot, replay].map((derivation) => stateFinding({ ledger: { derivation } } as unknown as Control)),
      [
        {
          ...{ check: "state", ok: true },
          detail: "taken at the start from a snapshot of 1000 entries and 20 more, in 0.3 s",
        },
        {
          ...{ check: "state", ok: true },
          detail: "taken at the start from all 1020 entries, in 3.0 s: its snapshot was another version's",
        },
      ],
    );
  });
});
