import assert from "node:assert/strict";
import { networkOf } from "../../../src/proxy/client-network.js";

describe("proxy/client-network", () => {
  for (const [name, address, network] of [
    ["an-ipv4-address-stands-for-itself", "192.0.2.7", "192.0.2.7"],
    ["whole", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["shortened-behind", "2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["shortened-inside-the-64", "2001:db8::9", "2001:db8:0:0::/64"],
    ["loopback", "::1", "0:0:0:0::/64"],
    ["leading-zeros", "2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
    ["with-a-zone", "fe80::1%eth0", "fe80:0:0:0::/64"],
  ] as const)
    it(name, () => assert.equal(networkOf(address), network));
});
