import { isIPv4, isIPv6 } from "node:net";
import { CertificateError } from "./certificate-error.js";
import * as limits from "./limits.js";

/** An IPv4 or IPv6 network: the leading `prefix` bits of an address of `bits` bits. */
export interface AddressRange {
  readonly bits: 32 | 128;
  readonly network: bigint;
  readonly prefix: number;
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

const MAPPED = 0xffffn; // ::ffff:0:0/96, RFC 4291 section 2.5.5.2
const MAPPED_BITS = 96;

/**
 * Parses the value of `source-address`: addresses and CIDR ranges between commas, no spaces. A v4-mapped one is taken
 * as IPv4. Throws `invalid-address`, also for bits set beyond the prefix; `too-many`.
 */
export function parseSourceAddresses(list: string): AddressRange[] {
  const entries = list.split(",");
  if (entries.length > limits.ADDRESSES_MAX)
    throw new CertificateError("too-many", `${entries.length} addresses`);
  return entries.map(parseRange);
}

/** Whether `address`, the client's as its socket tells it, is in one of the ranges. What is no address is in none. */
export function isInRanges(address: string, ranges: readonly AddressRange[]): boolean {
  const client = parseAddress(address.replace(/%.*$/u, "")); // a link-local address may carry its interface
  if (client === undefined) return false;
  return ranges.some(({ bits, network, prefix }) => bits === client.bits && head(client, prefix) === network);
}

function parseRange(entry: string): AddressRange {
  const [text = "", prefixText, ...rest] = entry.split("/");
  const plain = parsePlainAddress(text);
  const address = parseAddress(text);
  if (plain === undefined || address === undefined || rest.length > 0) throw refusal(entry);
  const shortened = plain.bits - address.bits; // 96 where a v4-mapped address became IPv4
  const prefix = prefixText === undefined ? address.bits : parsePrefix(prefixText, entry) - shortened;
  if (prefix < 0 || prefix > address.bits) throw refusal(entry);
  const network = head(address, prefix);
  if (network << BigInt(address.bits - prefix) !== address.value) throw refusal(entry);
  return { bits: address.bits, network, prefix };
}

function parsePrefix(text: string, entry: string): number {
  if (!/^(?:0|[1-9][0-9]{0,2})$/u.test(text)) throw refusal(entry);
  return Number(text);
}

function head(address: Address, prefix: number): bigint {
  return address.value >> BigInt(address.bits - prefix);
}

/** An address, a v4-mapped one as IPv4. */
function parseAddress(text: string): Address | undefined {
  const address = parsePlainAddress(text);
  if (address?.bits !== 128 || address.value >> 32n !== MAPPED) return address;
  return { bits: 32, value: BigInt.asUintN(128 - MAPPED_BITS, address.value) };
}

function parsePlainAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { bits: 32, value: parseIPv4(text) };
  if (isIPv6(text) && !text.includes("%")) return { bits: 128, value: parseIPv6(text) };
  return undefined;
}

function parseIPv4(text: string): bigint {
  return text.split(".").reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIPv6(text: string): bigint {
  const [left = "", right] = text.replace(/[^:]*\.[^:]*$/u, dottedAsGroups).split("::");
  const leading = groups(left);
  const trailing = groups(right ?? "");
  const zeros = Array<bigint>(8 - leading.length - trailing.length).fill(0n);
  return [...leading, ...zeros, ...trailing].reduce((value, group) => (value << 16n) | group, 0n);
}

function dottedAsGroups(dotted: string): string {
  const value = parseIPv4(dotted);
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
}

function groups(text: string): bigint[] {
  return text === "" ? [] : text.split(":").map((group) => BigInt(`0x${group}`));
}

function refusal(entry: string): CertificateError {
  return new CertificateError(
    "invalid-address",
    `${JSON.stringify(entry)} is neither an address nor a CIDR range`,
  );
}
