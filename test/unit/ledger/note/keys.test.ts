import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  encodeSigner,
  encodeVerifierKey,
  generateSigner,
  isKeyName,
  parseSigner,
  parseVerifierKey,
  type KeyType,
} from "../../../../src/ledger/index.js";

const verifier = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const signer = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

describe("ledger/note/keys", () => {
  it("reads Go's example keys, and writes them the same", () => {
    assert.equal(encodeVerifierKey(parseVerifierKey(verifier)), verifier);
    assert.equal(encodeSigner(parseSigner(signer)), signer);
    assert.equal(encodeVerifierKey(parseSigner(signer).verifier), verifier);
  });

  for (const type of ["ed25519", "cosignature"] satisfies KeyType[]) {
    it(`makes keys of type ${type} that come back from their texts`, () => {
      const made = generateSigner("bastion.example/0a1b2c3d", type);
      assert.equal(made.verifier.type, type);
      assert.deepEqual(parseVerifierKey(encodeVerifierKey(made.verifier)), made.verifier);
      assert.deepEqual(parseSigner(encodeSigner(made)).verifier, made.verifier);
      assert.equal(encodeSigner(parseSigner(encodeSigner(made))), encodeSigner(made));
    });
  }

  // As Go tests its own: every piece of a key, and every byte raised by one.
  for (const [name, key, parse] of [
    ["verifier key", verifier, parseVerifierKey],
    ["signer's key", signer, parseSigner],
  ] as const) {
    it(`reads no piece of a ${name}, and none with another byte`, () => {
      for (let from = 0; from < key.length; from += 1) {
        for (let to = from + 1; to <= key.length; to += 1) {
          const isWhole = from === 0 && to === key.length;
          if (!isWhole) assert.throws(() => parse(key.slice(from, to)), { code: "note-invalid" });
        }
      }
      for (let at = 0; at < key.length; at += 1) {
        const raised = key.slice(0, at) + String.fromCharCode(key.charCodeAt(at) + 1) + key.slice(at + 1);
        assert.throws(() => parse(raised), { code: "note-invalid" }, raised);
      }
      for (const around of [`${key}\n`, ` ${key}`, `${key} `]) {
        assert.throws(() => parse(around), { code: "note-invalid" });
      }
    });
  }

  const refused: readonly [name: string, key: string][] = [
    [
      "a-key-too-long-with-its-id",
      "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
    ],
    ["an-unknown-type-with-its-id", "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"],
    ["an-id-in-capitals", verifier.replace("c74f20a3", "C74F20A3")],
    ["an-id-of-another", verifier.replace("c74f20a3", "c74f20a4")],
  ];
  for (const [name, key] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseVerifierKey(key), { code: "note-invalid" }));
  }

  it("tells nothing of a secret, neither in an error nor when a signer is printed", () => {
    const secret = signer.slice(-44);
    assert.throws(
      () => parseSigner(signer.replace("c74f20a3", "00000000")),
      (error) => !inspect(error).includes(secret),
    );
    const printed = inspect(parseSigner(signer), { depth: 9, showHidden: true });
    assert.ok(!printed.includes(secret) && !printed.includes("81, 0a"), printed);
  });

  it("knows what can name a key", () => {
    for (const name of ["bastion", "bastion.example/0a1b2c3d", "überall"]) assert.ok(isKeyName(name), name);
    for (const name of ["", "a b", "a+b", "a\nb", "a\u2028b", "a\u0085b", "\ud800", "n".repeat(256)]) {
      assert.ok(!isKeyName(name), JSON.stringify(name));
      assert.throws(() => generateSigner(name), TypeError);
    }
  });
});
