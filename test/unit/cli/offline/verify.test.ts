import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifyCommand, type VerifyWish } from "../../../../src/cli/offline/verify.js";
import { EXIT } from "../../../../src/commands/index.js";
import { temporaryFolder } from "../../../harness/temporary.js";

describe("cli/offline/verify", () => {
  const folder = temporaryFolder("evidence");
  const at = (name: string) => join(folder, name);
  before(() => {
    for (const name of ["empty", "robbed/recordings", "home/ledger"])
      mkdirSync(at(name), { recursive: true });
    writeFileSync(at("letter.txt"), "Dear auditor\n");
  });

  const rows: readonly (readonly [string, string, VerifyWish, number, RegExp])[] = [
    ["what is not there", "nothing", {}, EXIT.notFound, /there is no .*nothing$/],
    ["an empty folder", "empty", {}, EXIT.notFound, /neither a ledger nor a recording/],
    ["a home without its ledger", "robbed", {}, EXIT.verificationFailed, /there is no ledger in/],
    ["a verifier that is none", "home", { verifier: ["x+y"] }, EXIT.usage, /^x\+y is neither a file nor/],
    [
      "a file without verifiers",
      "home",
      { verifier: [at("letter.txt")] },
      EXIT.usage,
      /letter\.txt: a line of it/,
    ],
    [
      "a letter for a checkpoint",
      "home",
      { checkpoint: [at("letter.txt")] },
      EXIT.usage,
      /letter\.txt is no checkpoint/,
    ],
    [
      "a checkpoint that is not there",
      "home",
      { checkpoint: ["nothing"] },
      EXIT.notFound,
      /cannot read nothing/,
    ],
  ];
  for (const [row, what, wish, exit, message] of rows)
    it(`refuses ${row} with ${exit}`, () =>
      assert.rejects(verifyCommand([at(what)], wish, {}), { exit, message }));

  it("opens no seals at an address", () =>
    assert.rejects(verifyCommand(["https://bastion.example/"], { key: ["x"] }, {}), { exit: EXIT.usage }));

  it("asks at no other kind of address", () =>
    assert.rejects(verifyCommand(["ftp://bastion.example/"], {}, {}), { code: "address-invalid" }));
});
