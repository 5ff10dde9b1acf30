import { createHash, createPublicKey, diffieHellman, type KeyObject } from "node:crypto";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { hybridKeyExchange } from "./algorithms.js";
import type { KeyExchange } from "./insides.js";

/**
 * `mlkem768x25519-sha256` (draft-ietf-sshm-mlkem-hybrid-kex): ML-KEM-768 beside X25519, so that what is recorded from the
 * wire today stays closed to a quantum computer later.
 *
 * ssh2 knows no hybrid. It negotiates curve25519 from a copy of the peer's KEXINIT in which the hybrid's name is replaced;
 * then the real KEXINIT is put back for the exchange hash, and the four methods that make keys and secret are overridden.
 * Client sends ek ‖ x25519, server answers ct ‖ x25519; K = SHA-256(K_PQ ‖ K_CL), hashed as a string.
 */
const encapsulationKeyBytes = 1184;
const ciphertextBytes = 1088;
const x25519Bytes = 32;

/** X25519 SubjectPublicKeyInfo without its 32 key bytes (RFC 8410). */
const x25519Spki = Buffer.from("302a300506032b656e032100", "hex");

const markers = new Set([
  "ext-info-c",
  "ext-info-s",
  "kex-strict-c-v00@openssh.com",
  "kex-strict-s-v00@openssh.com",
]);
const kexListOffset = 17; // byte KEXINIT, 16 bytes of cookie

/**
 * Whether the two lists lead to the hybrid (RFC 4253 section 7.1: the client's first that the server has), and if so
 * the peer's KEXINIT with the hybrid's name replaced by curve25519. Malformed input is left for ssh2 to refuse.
 */
export function disguiseHybrid(
  kexinit: Buffer,
  ours: readonly string[],
  weAreServer: boolean,
): Buffer | undefined {
  const listStart = kexListOffset + 4;
  if (kexinit.length < listStart) return undefined;
  const listEnd = listStart + kexinit.readUInt32BE(kexListOffset);
  if (listEnd > kexinit.length) return undefined;
  const theirs = kexinit.toString("latin1", listStart, listEnd).split(",");
  const [client, server] = weAreServer ? [theirs, ours] : [ours, theirs];
  if (client.find((name) => server.includes(name) && !markers.has(name)) !== hybridKeyExchange)
    return undefined;

  // every other name stays in its place: a guess (first_kex_packet_follows) is judged by who comes first
  const disguised = theirs.map((name) => (name === hybridKeyExchange ? "curve25519-sha256" : name));
  const names = Buffer.from(disguised.join(","), "latin1");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(names.length);
  return Buffer.concat([kexinit.subarray(0, kexListOffset), length, names, kexinit.subarray(listEnd)]);
}

/** Turns a curve25519 exchange that was negotiated from a disguised KEXINIT into the hybrid one. */
export function makeHybrid(exchange: KeyExchange, realKexinit: Buffer, weAreServer: boolean): void {
  exchange._remoteKexinit = realKexinit;
  const x25519 = exchange.getPublicKey(); // makes the X25519 key pair
  const keys = exchange._keys;
  if (!keys) throw new Error("ssh2 made no X25519 key pair");
  exchange.convertPublicKey = (key) => key;

  if (weAreServer) {
    let answer: Buffer | undefined;
    exchange.computeSecret = (init) => {
      if (init.length !== encapsulationKeyBytes + x25519Bytes)
        return new Error("hybrid init has a wrong length");
      try {
        const { cipherText, sharedSecret } = ml_kem768.encapsulate(init.subarray(0, encapsulationKeyBytes));
        answer = Buffer.concat([cipherText, x25519]);
        return combine(sharedSecret, agree(keys.privateKey, init.subarray(encapsulationKeyBytes)));
      } catch (error) {
        return asError(error);
      }
    };
    exchange.getPublicKey = () => {
      if (!answer) throw new Error("hybrid answer asked for before the secret was computed");
      return answer;
    };
  } else {
    const kem = ml_kem768.keygen();
    const init = Buffer.concat([kem.publicKey, x25519]);
    exchange.getPublicKey = () => init;
    exchange.computeSecret = (answer) => {
      if (answer.length !== ciphertextBytes + x25519Bytes)
        return new Error("hybrid answer has a wrong length");
      try {
        const sharedSecret = ml_kem768.decapsulate(answer.subarray(0, ciphertextBytes), kem.secretKey);
        return combine(sharedSecret, agree(keys.privateKey, answer.subarray(ciphertextBytes)));
      } catch (error) {
        return asError(error);
      }
    };
  }
}

/** X25519; a low-order point (an all-zero secret, RFC 8731 section 3) throws in node:crypto. */
function agree(privateKey: KeyObject, point: Buffer): Buffer {
  const publicKey = createPublicKey({
    key: Buffer.concat([x25519Spki, point]),
    format: "der",
    type: "spki",
  });
  return diffieHellman({ privateKey, publicKey });
}

function combine(postQuantum: Uint8Array, classical: Buffer): Buffer {
  return createHash("sha256").update(postQuantum).update(classical).digest();
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("key exchange failed");
}
