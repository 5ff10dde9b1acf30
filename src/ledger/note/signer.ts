import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { generateKey } from "../../keypair/index.js";
import { isKeyName } from "./key-name.js";
import {
  decodeTypedKey,
  encodeTypedKey,
  notAKey,
  verifierKeyOf,
  type KeyType,
  type VerifierKey,
} from "./verifier-key.js";

/** A key that signs, with its public half. Node prints nothing of a private KeyObject. */
export interface Signer {
  readonly verifier: VerifierKey;
  readonly privateKey: KeyObject;
}

/** `PRIVATE+KEY+name+<8 hex of the key id>+<base64 of type ‖ seed>`, as Go's sumdb/note writes it. */
const SIGNER = /^PRIVATE\+KEY\+(?<name>[^+\n]+)\+(?<keyId>[0-9a-f]{8})\+(?<base64>[A-Za-z0-9+/=]+)$/u;

/** PKCS #8 of an Ed25519 key (RFC 8410), up to its 32 bytes of seed. */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A new Ed25519 key. Throws TypeError for a name that no key can have. */
export function generateSigner(name: string, type: KeyType = "ed25519"): Signer {
  if (!isKeyName(name)) throw new TypeError("not a name for a key");
  return signerOf(name, type, generateKey("ed25519"));
}

/**
 * The signer in a text that `encodeSigner` or Go's sumdb/note made, without its newline. Throws LedgerError `note-invalid`
 * for another form and for an id that is not the key's; the message has nothing of the text.
 */
export function parseSigner(text: string): Signer {
  const { name = "", keyId, base64 = "" } = SIGNER.exec(text)?.groups ?? {};
  const { type, bytes } = decodeTypedKey(base64) ?? {};
  if (!isKeyName(name) || type === undefined || bytes === undefined) throw notAKey("not a note signer's key");
  const der = Buffer.concat([PKCS8_PREFIX, bytes]);
  const signer = signerOf(name, type, createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  if (signer.verifier.keyId.toString("hex") !== keyId)
    throw notAKey("a note signer's key with the id of another");
  return signer;
}

/** The one line that `parseSigner` reads. Secret. */
export function encodeSigner({ verifier, privateKey }: Signer): string {
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const seed = der.subarray(PKCS8_PREFIX.length);
  const { name, keyId, type } = verifier;
  return `PRIVATE+KEY+${name}+${keyId.toString("hex")}+${encodeTypedKey(type, seed)}`;
}

function signerOf(name: string, type: KeyType, privateKey: KeyObject): Signer {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return { verifier: verifierKeyOf(name, type, Buffer.from(x ?? "", "base64url")), privateKey };
}
