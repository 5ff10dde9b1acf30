import assert from "node:assert/strict";
import {
  encodeTlogProof,
  generateSigner,
  parseTlogProof,
  proveInclusion,
  signCheckpoint,
  verifyTlogProof,
} from "../../../../src/ledger/index.js";
import { TiledLog } from "../../../harness/tiled-log.js";

const origin = "bastion.example/5eed0001";
const signer = generateSigner(origin);
const key = signer.verifier;
const log = TiledLog.of(300);
const checkpoint = signCheckpoint({ origin, size: 300, root: log.root(300) }, signer);
const hashes = await proveInclusion(log.read, 299, 300);
const proof = { index: 299, hashes, checkpoint, extra: Buffer.from("what was said") };
const leaf = log.leaves[299] ?? Buffer.alloc(0);
const text = encodeTlogProof(proof);
const [first = "", extra = "", index = "", hash = ""] = text.split("\n");

const refused: readonly [name: string, text: string | Buffer, code?: string][] = [
  ["nothing", ""],
  ["another-version", text.replace("@v1", "@v2")],
  ["no-index", text.replace(`${index}\n`, "")],
  ["extra-data-after-the-index", text.replace(`${extra}\n${index}\n`, `${index}\n${extra}\n`)],
  ["extra-data-twice", text.replace(`${extra}\n`, `${extra}\n${extra}\n`)],
  ["extra-data-that-is-empty", text.replace(extra, "extra ")],
  ["extra-data-that-is-no-base64", text.replace(extra, "extra YQ")],
  ["a-leading-zero", text.replace(index, "index 0299")],
  ["an-index-past-2^53", text.replace(index, "index 9007199254740992")],
  ["no-blank-line", text.replace("\n\n", "\n")],
  ["carriage-returns", text.replaceAll("\n", "\r\n")],
  ["a-short-hash", text.replace(hash, Buffer.alloc(31).toString("base64"))],
  ["a-hash-with-spare-bits", text.replace(hash, `${"A".repeat(42)}B=`)],
  ["too-many-hashes", text.replace(hash, `${hash}\n`.repeat(60).trimEnd())],
  ["bytes-that-are-no-utf8", Buffer.concat([Buffer.from(text), Buffer.of(0xff)])],
  ["no-checkpoint", text.slice(0, text.indexOf("\n\n") + 2), "note-invalid"],
  ["a-line-after-the-checkpoint", `${text}more\n`, "note-invalid"],
  ["extra-data-past-the-limit", text.replace(extra, `extra ${Buffer.alloc(70_000).toString("base64")}`)],
];

describe("ledger/proof/tlog-proof", () => {
  it("has the lines of C2SP tlog-proof, the checkpoint last and verbatim", () => {
    assert.equal(first, "c2sp.org/tlog-proof@v1");
    assert.equal(extra, `extra ${Buffer.from("what was said").toString("base64")}`);
    assert.equal(index, "index 299");
    assert.equal(
      text
        .split("\n")
        .slice(3, 3 + hashes.length)
        .join(),
      hashes.map((each) => each.toString("base64")).join(),
    );
    assert.ok(text.endsWith(`\n\n${checkpoint}`));
  });

  it("proves an entry, with extra data, without, and with extra data that is empty", () => {
    const bare = { index: proof.index, hashes, checkpoint };
    for (const each of [proof, bare]) {
      const parsed = parseTlogProof(Buffer.from(encodeTlogProof(each)));
      assert.deepEqual(parsed, each);
      const proven = verifyTlogProof({ proof: parsed, leaf, key });
      assert.deepEqual(proven, { origin, size: 300, root: log.root(300) });
    }
    assert.throws(() => encodeTlogProof({ ...proof, extra: Buffer.alloc(0) }), { code: "proof-invalid" });
  });

  it("takes no hash where the tree has one leaf", () => {
    const one = signCheckpoint({ origin, size: 1, root: log.root(1) }, signer);
    const whole = encodeTlogProof({ index: 0, hashes: [], checkpoint: one });
    assert.equal(whole, `c2sp.org/tlog-proof@v1\nindex 0\n\n${one}`);
    verifyTlogProof({ proof: parseTlogProof(whole), leaf: log.leaves[0] ?? leaf, key });
  });

  for (const [name, each, code = "proof-invalid"] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => parseTlogProof(each), { code }));
  }

  it("does not prove another leaf, place or log", () => {
    const invalid = { code: "proof-invalid" };
    assert.throws(() => verifyTlogProof({ proof, leaf: log.leaves[298] ?? leaf, key }), invalid);
    assert.throws(() => verifyTlogProof({ proof: { ...proof, index: 298 }, leaf, key }), invalid);
    assert.throws(() => verifyTlogProof({ proof: { ...proof, index: 300 }, leaf, key }), invalid);
    const stranger = generateSigner(origin).verifier;
    assert.throws(() => verifyTlogProof({ proof, leaf, key: stranger }), { code: "signature-invalid" });
  });

  it("sees any one flipped bit but those of the extra data, which nothing vouches for", () => {
    const bytes = Buffer.from(text);
    const free = [text.indexOf("extra "), text.indexOf("extra ") + extra.length];
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      if (bit >> 3 >= (free[0] ?? 0) && bit >> 3 <= (free[1] ?? 0)) continue;
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      assert.throws(
        () => verifyTlogProof({ proof: parseTlogProof(flipped), leaf, key }),
        { name: "LedgerError" },
        `bit ${bit}`,
      );
    }
  });
});
