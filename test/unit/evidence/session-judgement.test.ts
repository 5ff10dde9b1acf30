import assert from "node:assert/strict";
import type { SessionState } from "../../../src/access/index.js";
import { judgeSession, type CheckedRecording } from "../../../src/evidence/session-judgement.js";
import { HeadList } from "../../../src/evidence/head-list.js";
import { sessionName } from "../../harness/evidence-story.js";

type State = Partial<
  Pick<SessionState, "head" | "ended" | "archived" | "deleted" | "redacted" | "rewrapped">
>;

const HASH = "ab".repeat(32);
const head = { bytes: 100, blocks: 3, hash: HASH, atMs: 2 };
const torn = { bytes: 7, hash: "cd".repeat(32) };
const closed: State = { ended: { atMs: 3, outcome: "closed" } };
const interrupted: State = { ended: { atMs: 3, outcome: "interrupted" } };
const missing: CheckedRecording = { kind: "missing" };
const stillborn: CheckedRecording = {
  ...{ kind: "wrong", code: "recording-invalid", detail: "header-truncated", isStillborn: true },
};

function whole(
  changes: Partial<Extract<CheckedRecording, { kind: "whole" }>["recording"]> = {},
): CheckedRecording {
  const recording = {
    bytes: 100,
    blocks: 3,
    hash: HASH,
    state: "ended" as const,
    tornBytes: 0,
    substitutes: [],
  };
  return { kind: "whole", recording: { ...recording, ...changes }, headerFault: undefined };
}

function judged(state: State, found: CheckedRecording, hasArchive = false): string {
  const session = { session: sessionName(1), ...state } as SessionState;
  const book = { session: session.session, startedEntry: 4, policy: undefined, heads: new HeadList() };
  const { standing, faults } = judgeSession({ session, book, found, where: "x.bsr", hasArchive });
  for (const fault of faults) assert.deepEqual([fault.where, fault.session], ["x.bsr", session.session]);
  return [standing, ...faults.map(({ code }) => code)].join(" ");
}

describe("evidence/session-judgement", () => {
  const substitute = { block: 2, substitute: {} as never, bytes: Buffer.from("in its place") };
  const stretch = { redaction: "red-1", from: 2, to: 2, substitutes: HASH } as never;
  const rows: readonly (readonly [string, State, CheckedRecording, string])[] = [
    ["closed-and-ended", { ...closed, head }, whole(), "whole"],
    ["without-an-end", { ...interrupted, head }, whole({ state: "open" }), "interrupted"],
    ["not-over", { head }, whole({ state: "open", bytes: 140, blocks: 4 }), "live"],
    ["promised-and-missing", { ...closed, head }, missing, "wrong recording-missing"],
    ["promised-live-and-missing", { head }, missing, "wrong recording-missing"],
    ["closed-unpromised-and-missing", closed, missing, "wrong recording-missing"],
    ["interrupted-before-the-file", interrupted, missing, "empty"],
    ["just-begun-without-a-file", {}, missing, "live"],
    ["deleted", { ...closed, head, deleted: { atMs: 4, hash: HASH } }, missing, "deleted"],
    [
      "archived-elsewhere",
      { ...closed, head, archived: { atMs: 4, path: "a" } },
      missing,
      "archived-elsewhere",
    ],
    ["cut-within-its-header", interrupted, stillborn, "empty"],
    ["closed-and-cut-within-its-header", closed, stillborn, "wrong recording-invalid"],
    ["closed-without-a-head", closed, whole(), "wrong recording-unpromised"],
    ["whole-blocks-beyond", { ...closed, head }, whole({ bytes: 130, blocks: 4 }), "wrong recording-beyond"],
    [
      "torn-as-promised",
      { ...interrupted, head: { ...head, torn } },
      whole({ state: "open", torn }),
      "interrupted",
    ],
    ["torn-unpromised", { ...interrupted, head }, whole({ state: "open", torn }), "wrong recording-beyond"],
    [
      "torn-promised-and-gone",
      { ...interrupted, head: { ...head, torn } },
      whole(),
      "wrong recording-beyond",
    ],
    [
      "other-session",
      { ...closed, head },
      { ...whole(), headerFault: "another target" } as CheckedRecording,
      "wrong recording-other-session",
    ],
    [
      "taken-out-unsaid",
      { ...closed, head },
      whole({ substitutes: [substitute] }),
      "wrong substitute-unknown",
    ],
    ["said-and-still-there", { ...closed, head, redacted: [stretch] }, whole(), "wrong substitute-missing"],
  ];
  for (const [row, state, found, wanted] of rows)
    it(`takes ${row} for ${wanted}`, () => assert.equal(judged(state, found), wanted));

  it("misses what was archived only where the archive is", () => {
    const state: State = { ...closed, head, archived: { atMs: 4, path: "a" } };
    assert.equal(judged(state, missing, true), "wrong recording-missing");
  });
});
