import assert from "node:assert/strict";
import { isInNetworks, parseNetwork } from "../../../src/access/index.js";

describe("access/network", () => {
  const table: readonly [address: string, network: string, inside: boolean][] = [
    ["10.1.2.3", "10.0.0.0/8", true],
    ["11.1.2.3", "10.0.0.0/8", false],
    ["::ffff:10.1.2.3", "10.0.0.0/8", true],
    ["10.1.2.3", "10.1.2.3", true],
    ["2001:db8::1", "2001:db8::/32", true],
    ["2001:db9::1", "2001:db8::/32", false],
    ["10.1.2.3", "::/0", false],
    ["10.1.2.3", "0.0.0.0/0", true],
    ["nonsense", "0.0.0.0/0", false],
  ];
  for (const [address, network, inside] of table) {
    it(`${address} ${inside ? "lies" : "does not lie"} in ${network}`, () => {
      assert.equal(isInNetworks(address, [parseNetwork(network)]), inside);
    });
  }
  it("is nowhere when there are no networks", () => assert.equal(isInNetworks("10.0.0.1", []), false));
  for (const bad of ["10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/08", "10.0.0.0/", "a", ""]) {
    it(`refuses ${JSON.stringify(bad)}`, () => assert.throws(() => parseNetwork(bad), { code: "bad-value" }));
  }
});
