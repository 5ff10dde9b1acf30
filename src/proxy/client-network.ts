import { isIPv6 } from "node:net";

/** The part of an IPv6 address that a provider gives to one customer; whoever has it has all 2^64 addresses in it. */
const customerGroups = 4;
const groupsOfAddress = 8;

/** What counts as one place in the limits for strangers: an IPv4 address, or the /64 of an IPv6 address. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = (address.split("%")[0] ?? "").split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, groupsOfAddress - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill("0"), ...after];
  return `${groups
    .slice(0, customerGroups)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
