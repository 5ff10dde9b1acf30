import { AccessError } from "./access-error.js";

const KEY_FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]$/;
const DIGEST = /^[0-9a-f]{64}$/;
const SERIAL = /^(0|[1-9]\d{0,19})$/;
const SERIAL_MAX = 2n ** 64n - 1n;

/** A key's fingerprint as OpenSSH prints it: `SHA256:` and 43 characters of base64. Throws AccessError `bad-value`. */
export function parseFingerprint(value: string, path = "fingerprint"): string {
  if (!KEY_FINGERPRINT.test(value)) throw new AccessError("bad-value", path, "must be SHA256:…");
  return value;
}

/** A SHA-256 as 64 lower-case hex digits: of a policy or of a recording. Throws AccessError `bad-value`. */
export function parseDigest(value: string, path = "hash"): string {
  if (!DIGEST.test(value)) throw new AccessError("bad-value", path, "must be 64 lower-case hex digits");
  return value;
}

/** A certificate's serial number, uint64 in decimal (JSON has no such number). Throws AccessError `bad-value`. */
export function parseSerial(value: string, path = "serial"): string {
  if (!SERIAL.test(value) || BigInt(value) > SERIAL_MAX) {
    throw new AccessError("bad-value", path, "must be a decimal uint64");
  }
  return value;
}
