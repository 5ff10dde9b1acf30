import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "../../../src/ledger/index.js";

const cycle: unknown[] = [];
cycle.push(cycle);

describe("ledger/canonical-json", () => {
  const said: readonly [name: string, value: unknown, text: string][] = [
    ["sorts-keys-at-every-depth", { b: { z: 1, a: 2 }, a: 3 }, '{"a":3,"b":{"a":2,"z":1}}'],
    ["sorts-digits-as-text", { "9": 1, "10": 2 }, '{"10":2,"9":1}'],
    ["sorts-by-utf16-units", { "\ufb33": 1, "\u{1f600}": 2 }, '{"\u{1f600}":2,"\ufb33":1}'],
    ["keeps-array-order", [3, 1, 2], "[3,1,2]"],
    ["prints-numbers-as-ecmascript", [1e21 / 1e6, 0.1, 1e-7, -5, 0], "[1000000000000000,0.1,1e-7,-5,0]"],
    ["escapes-only-what-must-be", '\u0000\n"\\/é', '"\\u0000\\n\\"\\\\/é"'],
    ["keeps-a-backslash-ud-that-is-text", "\\ud800", '"\\\\ud800"'],
    ["takes-an-own-proto-key", JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ];
  for (const [name, value, text] of said) it(name, () => assert.equal(canonicalJson(value), text));

  const refused: readonly [name: string, value: unknown][] = [
    ["undefined", undefined],
    ["an-undefined-field", { a: undefined }],
    ["a-hole-in-an-array", Array(1)],
    ["not-a-number", NaN],
    ["infinity", -Infinity],
    ["negative-zero", -0],
    ["a-whole-number-past-2^53", 2 ** 53],
    ["a-bigint", 1n],
    ["half-a-character", "x\ud800"],
    ["half-a-character-in-a-key", { "\udc00": 1 }],
    ["a-date", new Date(0)],
    ["a-map", new Map()],
    ["a-buffer", Buffer.of(1)],
    ["a-function", () => 1],
    ["a-cycle", cycle],
  ];
  for (const [name, value] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => canonicalJson(value), { code: "not-json" }));
  }

  it("says the same of a value however its keys came, and reads back as that value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown; // without -0
        const whole = JSON.stringify(plain).match(/-?\d+(\.\d+)?(e[+-]?\d+)?/g) ?? [];
        fc.pre(
          whole.every((digits) => Math.abs(Number(digits)) < 2 ** 53 || !Number.isInteger(Number(digits))),
        );
        const text = canonicalJson(plain);
        assert.deepEqual(JSON.parse(text), plain);
        assert.equal(canonicalJson(reversed(plain)), text);
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, field]) => [key, reversed(field)]));
}
