import { createHash, sign, type KeyObject } from "node:crypto";
import { generateKey } from "../../../src/keypair/index.js";
import {
  decodePublicKey,
  publicKeyFrom,
  WireWriter,
  type PublicKey,
} from "../../../src/certificate/index.js";

export type HardwareType = "sk-ssh-ed25519@openssh.com" | "sk-ecdsa-sha2-nistp256@openssh.com";

export const TOUCHED = 0x01;
export const TOUCHED_AND_VERIFIED = 0x05;

/** A hardware key in software, written from PROTOCOL.u2f and not from the code under test. */
export class Authenticator {
  readonly key: PublicKey;
  readonly #type: HardwareType;
  readonly #application: string;
  readonly #private: KeyObject;
  #counter = 0;

  constructor(type: HardwareType, application = "ssh:") {
    const isEcdsa = type.startsWith("sk-ecdsa");
    const key = generateKey(isEcdsa ? "P-256" : "ed25519");
    const plain = publicKeyFrom(key);
    const numbers = plain.blob.subarray(4 + plain.type.length);
    this.#type = type;
    this.#application = application;
    this.#private = key;
    this.key = decodePublicKey(new WireWriter().string(type).raw(numbers).string(application).finish());
  }

  /** A signature in SSH wire form; the flags say what the user did. */
  sign(data: Buffer, flags = TOUCHED): Buffer {
    this.#counter += 1;
    const state = new WireWriter().byte(flags).uint32(this.#counter).finish();
    const message = Buffer.concat([sha256(this.#application), state, sha256(data)]);
    return new WireWriter().string(this.#type).string(this.#signRaw(message)).raw(state).finish();
  }

  #signRaw(message: Buffer): Buffer {
    if (this.#private.asymmetricKeyType === "ed25519") return sign(null, message, this.#private);
    const pair = sign("sha256", message, { key: this.#private, dsaEncoding: "ieee-p1363" });
    return new WireWriter().mpint(pair.subarray(0, 32)).mpint(pair.subarray(32)).finish();
  }
}

function sha256(data: string | Buffer): Buffer {
  return createHash("sha256").update(data).digest();
}
