import { BlockList, isIP } from "node:net"; // arithmetic on addresses only: nothing here opens a socket
import { AccessError } from "./access-error.js";

/** An address or a CIDR network, v4 or v6, without a zone. Throws AccessError `bad-value`. */
export function parseNetwork(value: string, path = "network"): string {
  if (decodeNetwork(value) === undefined) {
    throw new AccessError("bad-value", path, "must be an IP address or a network such as 10.0.0.0/8");
  }
  return value;
}

/** Whether `address` lies in one of `networks`. An IPv4-mapped IPv6 address counts as the IPv4 address it holds. */
export function isInNetworks(address: string, networks: readonly string[]): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, "");
  const family = familyOf(plain);
  if (family === undefined) return false;
  const block = new BlockList();
  for (const network of networks.map(decodeNetwork)) {
    // Left to itself, a BlockList finds every IPv4 address in ::/0.
    if (network?.family === family) block.addSubnet(network.address, network.bits, family);
  }
  return block.check(plain, family);
}

interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

function decodeNetwork(text: string): Network | undefined {
  const [, address = "", digits] = /^([0-9a-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text) ?? [];
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const bitsMax = family === "ipv4" ? 32 : 128;
  const bits = digits === undefined ? bitsMax : Number(digits);
  return bits <= bitsMax ? { address, bits, family } : undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const family = isIP(address);
  return family === 0 ? undefined : family === 4 ? "ipv4" : "ipv6";
}
