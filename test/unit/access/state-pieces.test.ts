import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyState, StateBuilder, statePieces, tryFold, type State } from "../../../src/access/index.js";
import { plainJson } from "../../../src/control/state-snapshot/plain-json.js";
import { inOrder, lives, type Written } from "./lives.js";

/** As it is written down and read again. */
function again(state: State): State {
  return built([...statePieces(state).pieces].map((piece) => plainJson(piece)));
}

function built(lines: readonly string[]): State {
  const builder = new StateBuilder();
  for (const line of lines) builder.add(JSON.parse(line));
  return builder.finish();
}

function foldAll(written: readonly Written[], state = emptyState()): State {
  for (const { event, atMs } of written) tryFold(state, event, atMs);
  return state;
}

describe("access/state-pieces", () => {
  it("makes the same state, in the same order, that goes on the same way, wherever it was cut", () => {
    const filled = new Set<string>();
    fc.assert(
      fc.property(lives, fc.nat(), (written, cut) => {
        const at = cut % (written.length + 1);
        const before = foldAll(written.slice(0, at));
        const taken = again(before);
        assert.deepEqual(taken, before);
        assert.deepEqual(inOrder(taken), inOrder(before));
        const [whole, resumed] = [foldAll(written), foldAll(written.slice(at), taken)];
        assert.deepEqual(inOrder(resumed), inOrder(whole));
        for (const [field, held] of Object.entries(before) as [string, unknown][]) {
          const size = held instanceof Map || held instanceof Set ? held.size : Number(Boolean(held));
          if (size > 0) filled.add(field);
        }
      }),
      { numRuns: 100 },
    );
    assert.deepEqual([...filled].sort(), Object.keys(emptyState()).sort(), "each field had something in it");
  });

  it("is the state as it was when it was cut, whatever is folded before the pieces are taken", () => {
    fc.assert(
      fc.property(lives, (written) => {
        const half = written.length >> 1;
        const state = foldAll(written.slice(0, half));
        const before = inOrder(again(state));
        const { pieces } = statePieces(state);
        foldAll(written.slice(half), state);
        assert.deepEqual(inOrder(built([...pieces].map(plainJson))), before);
      }),
      { numRuns: 30 },
    );
  });

  it("cuts what is large into many pieces, and counts it", () => {
    const ids = Array.from({ length: 1000 }, (_, n) => `id-${n}`);
    const sets = new Map([["alice", new Set(ids)]]);
    const large = { ...emptyState(), sessions: new Map(ids.map((id) => [id, {}])), grantsOf: sets };
    const { items, pieces } = statePieces(large as unknown as State);
    assert.equal(items, 2000);
    assert.ok([...pieces].every((piece) => plainJson(piece).length < 10_000));
    assert.deepEqual(inOrder(again(large as unknown as State)), inOrder(large as unknown as State));
  });

  it("refuses to write what JSON would change", () => {
    const odd: readonly (readonly [string, unknown])[] = [
      ["an undefined field", { atMs: undefined }],
      ["negative zero", { atMs: -0 }],
      ["not a number", { atMs: NaN }],
      ["a map in a value", { atMs: new Map() }],
      ["a hole in a list", { atMs: new Array(1) }],
      ["a function", { atMs: () => 7 }],
    ];
    for (const [what, clock] of odd) {
      const state = { ...emptyState(), clock } as unknown as State;
      assert.throws(() => again(state), TypeError, what);
    }
  });

  const lines = [...statePieces(emptyState()).pieces].map(plainJson);
  const refused: readonly (readonly [name: string, lines: readonly string[], code: string])[] = [
    ["a-field-less", lines.slice(1), "missing-field"],
    ["an-unknown-field", [...lines, '{"field":"more","map":[]}'], "unknown-field"],
    ["a-field-of-the-prototype", [...lines, '{"field":"toString"}'], "unknown-field"],
    ["a-set-for-a-map", [...lines, '{"field":"grants","set":[]}'], "wrong-type"],
    ["a-map-for-a-set", [...lines, '{"field":"openGrants","map":[]}'], "wrong-type"],
    ["a-member-without-a-value", [...lines, '{"field":"grants","map":[["a"]]}'], "wrong-type"],
    ["no-object", ["7"], "wrong-type"],
  ];
  for (const [name, given, code] of refused)
    it(`refuses ${name}`, () => {
      assert.throws(() => built(given), { code });
    });
});
