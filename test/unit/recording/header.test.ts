import assert from "node:assert/strict";
import { BlockSplitter } from "../../../src/recording/block.js";
import { decodeHeader, decodeKeys, encodeOpening } from "../../../src/recording/header.js";
import { header } from "./samples.js";

const keys = [{ opens: "data" as const, recipient: "bascule-auditor:x", jwe: "a..b.c.d" }];
const text = JSON.stringify({ ...header, keys: undefined });
const clear = JSON.parse(text) as Omit<typeof header, "keys">;
const decodeText = (changed: string) => decodeHeader(Buffer.from(changed));

describe("recording/header", () => {
  it("reads back what it writes, the keys in a block of their own", () => {
    const splitter = new BlockSplitter();
    splitter.push(encodeOpening({ ...header, keys, apartKeyCommitment: "f".repeat(64) }));
    assert.deepEqual(decodeHeader(splitter.next()!.body), { ...clear, apartKeyCommitment: "f".repeat(64) });
    assert.deepEqual(decodeKeys(splitter.next()!.body), keys);
    assert.equal(splitter.pending.length, 0);
  });

  for (const [name, changed] of [
    ["not-json", "{"],
    ["not-utf8", Buffer.concat([Buffer.from(text.slice(0, -2)), Buffer.of(0xff), Buffer.from('"}')])],
    ["not-an-object", "[]"],
    ["white-space", text.replace("{", "{ ")],
    ["trailing-data", `${text} `],
    ["another-format", text.replace("recording-v1", "recording-v2")],
    ["member-missing", text.replace(/"grant":"[^"]*",/u, "")],
    ["member-unknown", text.replace("{", '{"more":1,')],
    ["member-twice", text.replace('"grant"', '"grant":"grt-other","grant"')],
    ["members-in-another-order", text.replace(/("identity":"alice"),("grant":"[^"]*")/u, "$2,$1")],
    ["other-escapes", text.replace("alice", "\\u0061lice")],
    ["time-not-whole", text.replace("1767225600000", "1767225600000.5")],
    ["time-as-text", text.replace("1767225600000", '"1767225600000"')],
    ["time-below-zero", text.replace("1767225600000", "-1")],
    ["serial-with-zeros", text.replace("18446744073709551615", "007")],
    ["approvers-not-a-list", text.replace('["bob","carol"]', '"bob"')],
    ["reason-too-long", text.replace("INC-42", "x".repeat(5000))],
    ["commitment-not-hexadecimal", text.replace(clear.keyCommitment, "Z".repeat(64))],
  ] as const)
    it(`refuses ${name}`, () => {
      assert.notEqual(changed.toString(), text);
      assert.throws(() => (typeof changed === "string" ? decodeText(changed) : decodeHeader(changed)), {
        code: "header-invalid",
      });
    });

  it("refuses to write what it would not read", () => {
    assert.throws(() => encodeOpening({ ...header, serial: "-1" }), { code: "header-invalid" });
    assert.throws(() => encodeOpening({ ...header, keys: [{ ...keys[0]!, opens: "all" as "data" }] }), {
      code: "header-invalid",
    });
  });
});
