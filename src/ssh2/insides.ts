import { createRequire } from "node:module";
import type { KeyObject } from "node:crypto";
import type { Offer } from "./algorithms.js";

/**
 * The parts of ssh2 1.17.0 that Bascule touches, as they were read in its source, with their types.
 * This is the only file that loads them; `self-check.ts` looks at start-up whether they are still there.
 */
const require = createRequire(import.meta.url);

/** A parsed key as ssh2's key exchange uses it. */
export interface Ssh2Key {
  readonly type: string;
  getPublicSSH(): Buffer;
  sign(data: Buffer, hash?: string): Buffer | Error;
}

/** The algorithms of one exchange; `serverHostKey` is rewritten while a certificate is signed or verified. */
export interface Negotiated {
  kex: string;
  serverHostKey: string;
  cs: { cipher: string };
  sc: { cipher: string };
}

/** `Curve25519Exchange` of lib/protocol/kex.js: the only class of exchange that our offers lead to. */
export interface KeyExchange {
  negotiated: Negotiated;
  sessionID: Buffer | undefined;
  remoteExtInfoEnabled: boolean;
  _remoteKexinit: Buffer;
  _hostKey: unknown;
  _keys: { publicKey: KeyObject; privateKey: KeyObject } | null;
  getPublicKey(): Buffer;
  convertPublicKey(key: Buffer): Buffer;
  computeSecret(otherPublicKey: Buffer): Buffer | Error;
  finish(serverToClientOnly?: boolean): unknown;
}

/** `Protocol` of lib/protocol/Protocol.js. */
export interface Protocol {
  _kex: KeyExchange | undefined;
  _kexinit: Buffer | undefined;
  _offer: object;
  _server: boolean;
  /** Replaced at each key exchange. */
  _cipher: { constructor: { name: string }; allocPacket: (payloadLength: number) => Buffer };
  /** `_packet`: what was read of a packet that is not whole yet. */
  _decipher: { _onPayload: (payload: Buffer) => unknown; _packet?: Uint8Array | null };
  _onPayload: (payload: Buffer) => unknown;
  _packetRW: {
    write: {
      allocStart: number;
      allocStartKEX: number;
      alloc(payloadLength: number, evenDuringKeyExchange?: boolean): Buffer;
      finalize(packet: Buffer, evenDuringKeyExchange?: boolean): Buffer;
    };
  };
  start(): void;
  parse(chunk: Buffer, from: number, to: number): void;
  rekey(): void;
  cleanup(): void;
}

export interface ProtocolConfig {
  server: boolean;
  ident: string;
  offer: Offer;
  hostKeys?: Record<string, Ssh2Key>;
  hostVerifier?: (key: Buffer) => boolean;
  onWrite: (data: Buffer) => void;
  onError: (error: Error & { level?: string }) => void;
  onHeader: (header: { versions: { software: string } }) => void;
  /** Called for a disconnect that comes during a key exchange. */
  messageHandlers: { DISCONNECT: (protocol: Protocol, reason: number, description: string) => void };
  onHandshakeComplete: (negotiated: Negotiated) => void;
}

export const Protocol = require("ssh2/lib/protocol/Protocol.js") as new (config: ProtocolConfig) => Protocol;

export const { KexInit } = require("ssh2/lib/protocol/kex.js") as { KexInit: new (offer: Offer) => object };

export const { sendPacket } = require("ssh2/lib/protocol/utils.js") as {
  sendPacket: (protocol: Protocol, packet: Buffer, evenDuringKeyExchange?: boolean) => boolean;
};

export const { bindingAvailable } = require("ssh2/lib/protocol/crypto.js") as { bindingAvailable: boolean };

export const { version } = require("ssh2/package.json") as { version: string };
