import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/index.js";
import { bytesOf, mistakeLines, parsers, sample } from "./sample.js";

const KEY = `w.example+0011aabb+${"B".repeat(44)}`;
const witness = (text: string): string => sample({ more: `witnesses:\n  far: { ${text} }` });
const URL = "url: https://w.example/in";
const twice = `witnesses:\n  far: { ${URL}, key: ${KEY} }\n  near: { ${URL}, key: other.example+0011aabc+${"B".repeat(44)} }`;
const many = Array.from(
  { length: 17 },
  (_, n) => `  w${n}: { ${URL}, key: w+0011aabb+${String(n).padStart(44, "A")} }`,
);

const rows: readonly [name: string, text: string, mistake: RegExp][] = [
  ["no-key", witness(URL), /^19 witnesses\.far\.key: is missing; expected a witness' verifier key/],
  ["no-url", witness(`key: ${KEY}`), /^19 witnesses\.far\.url: is missing; expected a URL/],
  [
    "http-elsewhere",
    witness(`url: http://w.example, key: ${KEY}`),
    /^19 witnesses\.far\.url: expected a URL/,
  ],
  [
    "url-with-query",
    witness(`url: "https://w.example/?a", key: ${KEY}`),
    /^19 witnesses\.far\.url: expected a URL/,
  ],
  [
    "url-with-user",
    witness(`url: "https://a@w.example/", key: ${KEY}`),
    /^19 witnesses\.far\.url: expected a URL/,
  ],
  ["short-key", witness(`${URL}, key: ${KEY.slice(1, -1)}`), /^19 witnesses\.far\.key: expected a witness'/],
  ["name-with-blank", witness(`${URL}, key: "a ${KEY}"`), /^19 witnesses\.far\.key: expected a witness'/],
  ["unknown-setting", witness(`${URL}, key: ${KEY}, token: x`), /^19 witnesses\.far/],
  [
    "same-key-twice",
    sample({ more: twice }),
    /witnesses\.near\.key: expected a key of its own; witnesses\.far/,
  ],
  ["too-many", sample({ more: `witnesses:\n${many.join("\n")}` }), /witnesses: expected at most 16/],
];

describe("config/witnesses", () => {
  it("reads them, without a slash at the end of the address", () => {
    const { witnesses } = parseConfig(bytesOf(witness(`${URL}/, key: ${KEY}`)), "/etc/b.yaml", parsers);
    assert.deepEqual([...witnesses.values()], [{ name: "far", url: "https://w.example/in", key: KEY }]);
  });

  it("takes http on this machine", () => {
    const text = witness(`url: "http://127.0.0.1:8080", key: ${KEY}`);
    const { witnesses } = parseConfig(bytesOf(text), "/etc/b.yaml", parsers);
    assert.equal(witnesses.get("far")?.url, "http://127.0.0.1:8080");
  });

  it("says what is wrong with a key in the words of who reads keys", () => {
    const witnessKey = () => {
      throw new Error("its ID is another key's");
    };
    const text = witness(`${URL}, key: ${KEY}`);
    assert.match(
      mistakeLines(text, { ...parsers, witnessKey })[0] ?? "",
      /expected a witness' .*\(its ID is/,
    );
  });

  for (const [name, text, mistake] of rows) {
    it(`refuses ${name}`, () => {
      const lines = mistakeLines(text);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", mistake);
    });
  }
});
