import { CertificateError } from "./certificate-error.js";
import { decodeBase64 } from "./base64.js";
import { checkSerials, type Revocations, type RevokedCertificates } from "./revocation.js";
import { WireWriter } from "./wire.js";

/** A key revocation list's content. `version` grows with every change. */
export interface Krl extends Revocations {
  readonly version: bigint;
  readonly generatedAtMs: number;
  readonly comment: string;
}

// PROTOCOL.krl section 1
const MAGIC = 0x5353484b524c0a00n; // "SSHKRL\n\0"
const FORMAT_VERSION = 1;
const NO_FLAGS = 0n;
const SECTION_CERTIFICATES = 1;
const SECTION_EXPLICIT_KEY = 2;
const SECTION_FINGERPRINT_SHA256 = 5;
// PROTOCOL.krl section 2
const SERIAL_LIST = 0x20;
const SERIAL_RANGE = 0x21;
const KEY_ID = 0x23;

const SHA256_FINGERPRINT = /^SHA256:(?<base64>[A-Za-z0-9+/]{43})$/u;

/**
 * Encodes an unsigned KRL (PROTOCOL.krl): `sshd_config`'s `RevokedKeys`, `ssh-keygen -Q -f`. The same content gives the same
 * bytes. Throws `invalid-request` for a zero serial, `invalid-line` for a fingerprint that is none.
 */
export function encodeKrl(krl: Krl): Buffer {
  checkSerials(krl);
  const writer = new WireWriter()
    .uint64(MAGIC)
    .uint32(FORMAT_VERSION)
    .uint64(krl.version)
    .uint64(BigInt(Math.floor(krl.generatedAtMs / 1000)))
    .uint64(NO_FLAGS)
    .string("") // reserved
    .string(krl.comment);
  for (const group of krl.caKeys) writeSection(writer, SECTION_CERTIFICATES, encodeCertificates(group));
  writeStrings(writer, SECTION_EXPLICIT_KEY, sorted(krl.keys.map(({ blob }) => blob)));
  writeStrings(writer, SECTION_FINGERPRINT_SHA256, sorted((krl.fingerprints ?? []).map(parseFingerprint)));
  return writer.finish();
}

function encodeCertificates({ ca, serials, keyIds }: RevokedCertificates): Buffer {
  const writer = new WireWriter().string(ca?.blob ?? "").string(""); // an empty key means every authority; reserved
  const single: bigint[] = [];
  for (const [first, last] of runs(serials)) {
    if (first === last) single.push(first);
    else writeSection(writer, SERIAL_RANGE, new WireWriter().uint64(first).uint64(last).finish());
  }
  if (single.length > 0) {
    const list = new WireWriter();
    for (const serial of single) list.uint64(serial);
    writeSection(writer, SERIAL_LIST, list.finish());
  }
  writeStrings(writer, KEY_ID, sorted(keyIds.map((id) => Buffer.from(id, "utf8"))));
  return writer.finish();
}

/** Runs of neighbouring serials, ascending: first and last of each. */
function runs(serials: readonly bigint[]): [bigint, bigint][] {
  const result: [bigint, bigint][] = [];
  for (const serial of serials.toSorted((a, b) => (a < b ? -1 : 1))) {
    const run = result.at(-1);
    if (run !== undefined && serial <= run[1] + 1n) run[1] = serial;
    else result.push([serial, serial]);
  }
  return result;
}

/** A section of strings; none at all when it would be empty, which OpenSSH refuses. */
function writeStrings(writer: WireWriter, section: number, strings: readonly Buffer[]): void {
  if (strings.length === 0) return;
  const content = new WireWriter();
  for (const string of strings) content.string(string);
  writeSection(writer, section, content.finish());
}

function writeSection(writer: WireWriter, section: number, content: Buffer): void {
  writer.byte(section).string(content);
}

function sorted(strings: readonly Buffer[]): Buffer[] {
  return strings.toSorted((a, b) => a.compare(b));
}

function parseFingerprint(text: string): Buffer {
  const base64 = SHA256_FINGERPRINT.exec(text)?.groups?.base64;
  if (base64 === undefined)
    throw new CertificateError("invalid-line", `${JSON.stringify(text)} is no fingerprint`);
  return decodeBase64(`${base64}=`);
}
