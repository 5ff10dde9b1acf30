import assert from "node:assert/strict";
import { emptyRoot, Frontier, leafHash, nodeHash } from "../../../../src/ledger/index.js";

/** The leaves and roots that Certificate Transparency's implementations test with. */
const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657"].concat(
  "606162636465666768696a6b6c6d6e6f",
);
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

describe("ledger/tree/hash", () => {
  it("has the roots of RFC 6962's known trees", () => {
    const frontier = Frontier.empty();
    const got = [frontier.root().toString("hex")];
    for (const leaf of leaves) {
      frontier.append(leafHash(Buffer.from(leaf, "hex")));
      got.push(frontier.root().toString("hex"));
    }
    assert.deepEqual(got, roots);
    assert.equal(emptyRoot.toString("hex"), roots[0]);
  });

  it("gives hashes of their own: a later one changes none", () => {
    const [a, b] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2))];
    const first = nodeHash(a, b);
    const copy = Buffer.from(first);
    nodeHash(b, a);
    assert.deepEqual(first, copy);
    assert.notDeepEqual(first, nodeHash(b, a));
  });
});
