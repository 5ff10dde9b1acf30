import assert from "node:assert/strict";
import { encodeKrl, type Krl } from "../../../src/certificate/index.js";
import { authority, codeOf, holderOf } from "./samples.js";

describe("certificate/krl", () => {
  const krl = (changes: Partial<Krl> = {}): Krl => ({
    version: 3n,
    generatedAtMs: 1_800_000_000_999,
    comment: "x",
    caKeys: [],
    keys: [],
    ...changes,
  });
  const header =
    "5353484b524c0a00 00000001 0000000000000003 000000006b49d200 0000000000000000 00000000 0000000178";

  const rows: [name: string, content: Partial<Krl>, sections: string][] = [
    ["nothing", {}, ""],
    ["no-authority-at-all", { caKeys: [{ serials: [], keyIds: [] }] }, "01 00000008 00000000 00000000"],
    [
      "serials-apart",
      { caKeys: [{ serials: [9n, 5n], keyIds: [] }] },
      "01 0000001d 00000000 00000000 20 00000010 0000000000000005 0000000000000009",
    ],
    [
      "serials-in-a-row",
      { caKeys: [{ serials: [6n, 5n, 7n, 6n], keyIds: [] }] },
      "01 0000001d 00000000 00000000 21 00000010 0000000000000005 0000000000000007",
    ],
    [
      "key-ids-sorted",
      { caKeys: [{ serials: [], keyIds: ["b", "a"] }] },
      "01 00000017 00000000 00000000 23 0000000a 0000000161 0000000162",
    ],
    [
      "fingerprint",
      { fingerprints: [`SHA256:${"A".repeat(43)}`] },
      `05 00000024 00000020 ${"00".repeat(32)}`,
    ],
  ];
  for (const [name, content, sections] of rows) {
    it(`encodes ${name}`, () => {
      assert.equal(encodeKrl(krl(content)).toString("hex"), `${header}${sections}`.replaceAll(" ", ""));
    });
  }

  it("gives the same bytes whatever the order it was told in", () => {
    const keys = [holderOf("ssh-ed25519").key, authority.public, holderOf("ecdsa-sha2-nistp256").key];
    assert.deepEqual(encodeKrl(krl({ keys })), encodeKrl(krl({ keys: keys.toReversed() })));
  });

  it("refuses serial zero and what is no fingerprint", () => {
    assert.equal(
      codeOf(() => encodeKrl(krl({ caKeys: [{ serials: [0n], keyIds: [] }] }))),
      "invalid-request",
    );
    for (const text of ["MD5:00", "SHA256:short", `SHA256:${"A".repeat(42)}B`, `SHA256:${"A".repeat(44)}`])
      assert.equal(
        codeOf(() => encodeKrl(krl({ fingerprints: [text] }))),
        text.endsWith("B") ? "invalid-base64" : "invalid-line",
        text,
      );
  });
});
