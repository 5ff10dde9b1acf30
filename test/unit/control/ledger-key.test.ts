import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeLedgerKey, openLedgerKey } from "../../../src/control/keys/ledger-key.js";
import { encodeSigner, encodeVerifierKey, generateSigner } from "../../../src/ledger/index.js";
import { temporaryFolder } from "../../harness/temporary.js";

describe("control/ledger-key", () => {
  const made = (): string => {
    const path = join(temporaryFolder(), "ledger");
    makeLedgerKey(path, "bastion");
    return path;
  };

  it("makes a key for its owner only, named after the bastion, and no two with one name", () => {
    const path = made();
    const { verifier } = openLedgerKey(path);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.match(encodeVerifierKey(verifier), /^bastion\/[0-9a-f]{8}\+[0-9a-f]{8}\+/u);
    assert.notEqual(verifier.name, openLedgerKey(made()).verifier.name);
    assert.throws(() => makeLedgerKey(path, "bastion"), { code: "key-exists" });
  });

  for (const [name, code, spoil] of [
    ["others can read", "key-open", (path: string) => chmodSync(path, 0o640)],
    ["was changed", "key-invalid", (path: string) => writeFileSync(path, `${readFileSync(path, "utf8")}\n`)],
    [
      "is a witness'",
      "key-invalid",
      (path: string) => writeFileSync(path, encodeSigner(generateSigner("w", "cosignature"))),
    ],
  ] as const)
    it(`refuses a key that ${name}`, () => {
      const path = made();
      spoil(path);
      assert.throws(() => openLedgerKey(path), { code });
    });

  it("says where a key is missing", () => {
    assert.throws(() => openLedgerKey(join(temporaryFolder(), "ledger")), { code: "key-missing" });
  });
});
