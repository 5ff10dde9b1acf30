import { createHash, verify } from "node:crypto";
import { CertificateError } from "./certificate-error.js";
import { algorithmsOf, plainAlgorithm, type SignatureAlgorithm } from "./key-type.js";
import type { KeyMaterial } from "./key-material.js";
import type { PublicKey } from "./public-key.js";
import { decodeSignature, USER_PRESENT, USER_VERIFIED, type SshSignature } from "./ssh-signature.js";
import { deny, type Denial, type SignatureReason } from "./verdict.js";
import { WireWriter } from "./wire.js";

/** What a hardware key has to have asked of its user. Says nothing about keys in software. */
export interface SignatureDemands {
  readonly userPresence: boolean;
  readonly userVerification: boolean;
}

/** A touch, no PIN: the default everywhere. */
export const TOUCH_DEMANDED: SignatureDemands = { userPresence: true, userVerification: false };

export type SignatureVerdict = { readonly ok: true } | Denial<SignatureReason>;

/**
 * Decides whether `signature` (SSH wire form, RFC 4253 section 6.6) is `key`'s over `data`, made with `algorithm`:
 * the name announced in the login, plain or in its certificate form. Never throws for what a peer sent.
 */
export function verifySignature(
  key: PublicKey,
  algorithm: string,
  signature: Buffer,
  data: Buffer,
  demands: SignatureDemands = TOUCH_DEMANDED,
): SignatureVerdict {
  const plain = algorithmsOf(key.type).find((name) => name === plainAlgorithm(algorithm));
  if (plain === undefined)
    return deny("algorithm-refused", `${JSON.stringify(algorithm)} is not for a ${key.type} key`);
  const opened = open(key, signature);
  if ("reason" in opened) return opened;
  if (opened.algorithm !== plain)
    return deny("algorithm-mismatch", `announced as ${plain}, signed as ${JSON.stringify(opened.algorithm)}`);
  if (!isGenuine(key, plain, opened, data))
    return deny("bad-signature", `not a ${plain} signature by this key`);
  return checkHardware(opened, demands) ?? { ok: true };
}

function open(key: PublicKey, signature: Buffer): SshSignature | Denial<"malformed-signature"> {
  try {
    return decodeSignature(key, signature);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    return deny("malformed-signature", error.message);
  }
}

function isGenuine(
  key: PublicKey,
  algorithm: SignatureAlgorithm,
  signature: SshSignature,
  data: Buffer,
): boolean {
  const message = key.application === undefined ? data : hardwareMessage(key.application, signature, data);
  return verify(
    hashOf(key.material, algorithm),
    message,
    { key: key.object, dsaEncoding: "ieee-p1363" },
    signature.raw,
  );
}

/** The hash of `algorithm`; null where it is part of the scheme (RFC 8709). */
export function hashOf(material: KeyMaterial, algorithm: SignatureAlgorithm): string | null {
  switch (material.family) {
    case "ed25519":
      return null;
    case "ecdsa":
      return material.curve.hash;
    case "rsa":
      return algorithm === "rsa-sha2-256" ? "sha256" : "sha512";
  }
}

/** What a hardware key signs instead of `data` (PROTOCOL.u2f, "SSH U2F signatures"). */
function hardwareMessage(application: string, { hardware }: SshSignature, data: Buffer): Buffer {
  return new WireWriter()
    .raw(sha256(application))
    .byte(hardware?.flags ?? 0)
    .uint32(hardware?.counter ?? 0)
    .raw(sha256(data))
    .finish();
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}

function checkHardware(
  { hardware }: SshSignature,
  demands: SignatureDemands,
): Denial<SignatureReason> | undefined {
  if (hardware === undefined) return undefined;
  const flags = `flags 0x${hardware.flags.toString(16)}`;
  if (demands.userPresence && !(hardware.flags & USER_PRESENT))
    return deny("user-presence-missing", `the hardware key was not touched (${flags})`);
  if (demands.userVerification && !(hardware.flags & USER_VERIFIED))
    return deny("user-verification-missing", `the hardware key did not verify its user (${flags})`);
  return undefined;
}
