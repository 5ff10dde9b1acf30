import assert from "node:assert/strict";
import { BlockList } from "node:net";
import fc from "fast-check";
import { isInRanges, parseSourceAddresses } from "../../../src/certificate/index.js";
import { codeOf } from "./samples.js";

describe("certificate/source-address", () => {
  const rows: [list: string, address: string, isIn: boolean][] = [
    ["192.0.2.0/24", "192.0.2.255", true],
    ["192.0.2.0/24", "192.0.3.0", false],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7/32", "192.0.2.8", false],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["::/0", "203.0.113.9", false],
    ["::/0", "::ffff:203.0.113.9", false],
    ["192.0.2.0/24", "::ffff:192.0.2.1", true],
    ["192.0.2.0/24", "::FFFF:c000:201", true],
    ["::ffff:192.0.2.0/120", "192.0.2.1", true],
    ["::ffff:192.0.2.0/120", "192.0.3.1", false],
    ["::ffff:192.0.2.0/120", "::ffff:192.0.2.1", true],
    ["::ffff:0:0/96", "203.0.113.9", true],
    ["192.0.2.0/24", "::192.0.2.1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/33", "2001:db8:8000::1", false],
    ["fe80::/10", "fe80::1%eth0", true],
    ["10.0.0.0/8,192.0.2.1,2001:db8::/32", "2001:db8::9", true],
    ["192.0.2.0/24", "not an address", false],
    ["192.0.2.0/24", "", false],
    ["192.0.2.0/24", "192.0.2.1,192.0.2.2", false],
    ["::/0", "0xc0000201", false],
  ];
  for (const [list, address, isIn] of rows) {
    it(`finds ${JSON.stringify(address)} ${isIn ? "in" : "not in"} ${list}`, () => {
      assert.equal(isInRanges(address, parseSourceAddresses(list)), isIn);
    });
  }

  const refused = [
    "",
    ",",
    "10.0.0.1,",
    "10.0.0.0/33",
    "::/129",
    "10.0.0.0/08",
    "10.0.0.0/+8",
    "10.0.0.0/",
    "10.0.0.0/8/8",
  ];
  refused.push(
    "10.0.0.1/8",
    "2001:db8::1/32",
    "fe80::1%eth0",
    "::ffff:10.0.0.0/95",
    "010.0.0.1",
    "10.1",
    "* ",
    " 10.0.0.1",
  );
  refused.push("!10.0.0.1", "host.example", "10.0.0.0 /8", "1:2:3:4:5:6:7:8:9", "10.0.0.0/8;10.1.0.0/16");
  for (const list of refused) {
    it(`refuses ${JSON.stringify(list)}`, () => {
      assert.equal(
        codeOf(() => parseSourceAddresses(list)),
        "invalid-address",
      );
    });
  }

  it("agrees with node's own block list", () => {
    const group = fc.constantFrom("0", "1", "db8", "2001", "ffff");
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, groups, fc.nat(8), fc.nat(7), (network, address, shared, length) => {
        const list = length === 0 ? "::" : `${network.slice(0, length).join(":")}::`;
        const client = [...network.slice(0, shared), ...address.slice(shared)].join(":");
        fc.pre(!client.startsWith("0:0:0:0:0:ffff"));
        const reference = new BlockList();
        reference.addSubnet(list, 16 * length, "ipv6");
        assert.equal(
          isInRanges(client, parseSourceAddresses(`${list}/${16 * length}`)),
          reference.check(client, "ipv6"),
        );
      }),
    );
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.nat(0xffffffff),
        fc.nat(32),
        fc.nat(32),
        (network, noise, flipped, bits) => {
          const masked = Number((BigInt(network) >> BigInt(32 - bits)) << BigInt(32 - bits));
          const client = dotted((network ^ (noise >>> flipped)) >>> 0);
          const reference = new BlockList();
          reference.addSubnet(dotted(masked), bits, "ipv4");
          assert.equal(
            isInRanges(client, parseSourceAddresses(`${dotted(masked)}/${bits}`)),
            reference.check(client),
          );
        },
      ),
    );
  });
});

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => String((value >>> shift) & 255)).join(".");
}
