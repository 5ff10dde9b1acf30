import { compactDecrypt, CompactEncrypt, decodeProtectedHeader, importJWK } from "jose";
import {
  encodeAuditorPublicKey,
  parseAuditorPublicKey,
  type AuditorPrivateKey,
  type AuditorPublicKey,
} from "./auditor-key.js";
import { dataKeyBytes } from "./key-memory.js";
import type { WrappedKey } from "./header.js";
import { RecordingError } from "./recording-error.js";

const algorithm = "ECDH-ES+A256KW";
const encryption = "A256GCM";

/**
 * Seals a recording's key to each auditor, one JWE (RFC 7516) each, so that any can be added or taken away later.
 * `opens` is which of the recording's keys it is.
 */
export async function wrapDataKey(
  dataKey: Buffer,
  auditors: readonly AuditorPublicKey[],
  opens: WrappedKey["opens"] = "data",
): Promise<WrappedKey[]> {
  return Promise.all(
    auditors.map(async (auditor) => {
      const recipient = encodeAuditorPublicKey(parseAuditorPublicKey(encodeAuditorPublicKey(auditor)));
      const jwe = await new CompactEncrypt(dataKey)
        .setProtectedHeader({ alg: algorithm, enc: encryption, kid: recipient })
        .encrypt(await importJWK({ kty: "OKP", crv: "X25519", x: auditor.x }, algorithm));
      return { opens, recipient, jwe };
    }),
  );
}

/**
 * Opens the first wrapped key that one of the auditors' keys fits. That it is this recording's key is proven only by
 * its commitment.
 * @throws RecordingError `key-not-for-us`: none is sealed to them, or it was changed
 */
export async function unwrapDataKey(
  keys: readonly WrappedKey[],
  auditors: readonly AuditorPrivateKey[],
  opens: WrappedKey["opens"] = "data",
): Promise<Buffer> {
  for (const auditor of auditors) {
    const recipient = encodeAuditorPublicKey(auditor);
    for (const wrapped of keys) {
      if (wrapped.opens !== opens || wrapped.recipient !== recipient) continue;
      const key = await openJwe(wrapped, auditor);
      if (key !== undefined) return key;
    }
  }
  throw new RecordingError("key-not-for-us", "the recording is not sealed to the given auditor key");
}

async function openJwe(
  { jwe, recipient }: WrappedKey,
  { x, d }: AuditorPrivateKey,
): Promise<Buffer | undefined> {
  try {
    if (decodeProtectedHeader(jwe).kid !== recipient) return undefined;
    const { plaintext } = await compactDecrypt(
      jwe,
      await importJWK({ kty: "OKP", crv: "X25519", x, d }, algorithm),
      {
        keyManagementAlgorithms: [algorithm],
        contentEncryptionAlgorithms: [encryption],
      },
    );
    return plaintext.length === dataKeyBytes ? Buffer.from(plaintext) : undefined;
  } catch {
    // jose's reasons are many and all mean the same here: this wrapped key does not open.
    return undefined;
  }
}
