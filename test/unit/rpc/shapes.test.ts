import assert from "node:assert/strict";
import { callShapes, orderShapes, reportShapes } from "../../../src/rpc/index.js";
import { ShapeError, type Shape } from "../../../src/rpc/shape.js";
import { callSamples, orderSamples, reportSamples, settings } from "./samples.js";

type Table = [name: string, shape: Shape<unknown>, samples: readonly object[]][];

const calls = Object.entries(callShapes).flatMap(([name, { params, result }]): Table => {
  const samples = callSamples[name as keyof typeof callSamples];
  return [
    [`${name}-params`, params, samples.params],
    [`${name}-result`, result, samples.result],
  ];
});
const reports = Object.entries(reportShapes).map(([name, shape]): Table[number] => [
  name,
  shape,
  reportSamples[name as keyof typeof reportSamples],
]);
const orders = Object.entries(orderShapes).map(([name, shape]): Table[number] => [
  name,
  shape,
  orderSamples[name as keyof typeof orderSamples],
]);

/** Values of every JSON type; a field of another type than each must refuse it. */
const otherTypes: readonly unknown[] = [null, true, 7, "text", [], {}];
const typeOf = (value: unknown) => (value === null ? "null" : Array.isArray(value) ? "list" : typeof value);

/** Every way to make `sample` wrong in one place, at any depth. */
function* faults(sample: unknown, path: string): Generator<[name: string, value: unknown]> {
  for (const other of otherTypes)
    if (typeOf(other) !== typeOf(sample)) yield [`${path} is ${JSON.stringify(other)}`, other];
  if (typeof sample === "number") for (const odd of [-1, 0.5, 2 ** 53]) yield [`${path} is ${odd}`, odd];
  if (Array.isArray(sample)) {
    const [first] = sample as unknown[];
    if (first !== undefined) for (const [name, value] of faults(first, `${path}[0]`)) yield [name, [value]];
    return;
  }
  if (typeof sample !== "object" || sample === null) return;
  yield [`${path}.more is there`, { ...sample, more: 1 }];
  yield [`${path}.__proto__ is there`, JSON.parse(JSON.stringify(sample).replace("{", '{"__proto__":1,'))];
  for (const key of Object.keys(sample)) {
    yield [
      `${path}.${key} is missing`,
      Object.fromEntries(Object.entries(sample).filter(([k]) => k !== key)),
    ];
    for (const [name, value] of faults((sample as Record<string, unknown>)[key], `${path}.${key}`))
      yield [name, { ...sample, [key]: value }];
  }
}

describe("rpc/shapes", () => {
  for (const [name, shape, samples] of [...calls, ...reports, ...orders])
    describe(name, () => {
      for (const sample of samples) {
        const title = JSON.stringify(sample).slice(0, 40);
        it(`takes ${title} whole`, () => assert.deepEqual(shape(structuredClone(sample), name), sample));

        it(`refuses ${title} with one thing wrong`, () => {
          const all = [...faults(sample, name)];
          assert.ok(all.length > 5);
          for (const [fault, value] of all) assert.throws(() => shape(value, name), ShapeError, fault);
        });
      }
    });

  it("says where and what was expected", () => {
    const noticesMs = [1, "2"];
    assert.throws(
      () => orderShapes.settings({ ...settings, noticesMs }, "settings"),
      new ShapeError("settings.noticesMs[1]: expected a non-negative integer"),
    );
  });

  const tooLong: [name: string, value: object][] = [
    ["text", { text: "x".repeat(4097) }],
    ["a-list", { ...settings, noticesMs: new Array<number>(17).fill(1) }],
  ];
  for (const [name, value] of tooLong)
    it(`refuses ${name} beyond its length`, () => {
      const shape = name === "text" ? orderShapes.shutdown : orderShapes.settings;
      assert.throws(() => shape(value, "order"), ShapeError);
    });

  it("refuses an answer that is neither yes nor no", () => {
    for (const ok of [undefined, null, 1, "true"])
      assert.throws(() => callShapes.mayReach.result({ ok }, "mayReach"), ShapeError);
  });
});
