import {
  certificateTypeOf,
  isCertificateAlgorithm,
  signAsPlainKey,
  verifyWithPlainKey,
} from "./certified-host-key.js";
import { disguiseHybrid, makeHybrid } from "./hybrid-exchange.js";
import type { KeyExchange, Protocol } from "./insides.js";
import { message } from "./message-numbers.js";

/** Judges the host key or certificate (wire form); for a good certificate, gives the plain key inside. */
export type VerifyHostKey = (hostKey: Buffer) => { ok: true; plainKey: Buffer } | { ok: false };

type OnPayload = (payload: Buffer) => unknown;

/**
 * All that we change about the key exchanges of one `Protocol`: the hybrid method, host certificates, and ssh2's own
 * EXT_INFO, which glues two names together and is never sent. Every exchange passes here before its first step, because
 * ssh2 assigns it to `_kex`.
 */
export class ExchangeSeam {
  readonly #protocol: Protocol;
  #realKexinit: Buffer | undefined;
  #acceptedHost: { hostKey: Buffer; plainKey: Buffer } | undefined;
  /** What was negotiated for the host key of the exchange under way. */
  #hostKeyAlgorithm = "";
  #peerTakesExtInfo = false;
  #hostRefused = false;

  constructor(protocol: Protocol) {
    this.#protocol = protocol;
    let current: KeyExchange | undefined;
    Object.defineProperty(protocol, "_kex", {
      get: () => current,
      set: (exchange: KeyExchange) => {
        current = exchange;
        this.#prepare(exchange);
      },
    });
  }

  /** Whether the peer said `ext-info-c` (RFC 8308 section 2.1). */
  get peerTakesExtInfo(): boolean {
    return this.#peerTakesExtInfo;
  }

  /** Whether the exchange failed because of the host key. */
  get hostRefused(): boolean {
    return this.#hostRefused;
  }

  /** ssh2 has just put the decipher of the first exchange in place; its payloads pass here from now on. */
  watchFirstExchange(): void {
    const decipher = this.#protocol._decipher;
    const next = decipher._onPayload;
    decipher._onPayload = (payload) =>
      payload[0] === message.kexinit ? this.onKexinit(payload, next) : next(payload);
  }

  /** The peer's KEXINIT, on its way to ssh2. */
  onKexinit(payload: Buffer, next: OnPayload): unknown {
    const { lists } = this.#protocol._offer as { lists: { kex: { array: string[] } } };
    const disguised = disguiseHybrid(payload, lists.kex.array, this.#protocol._server);
    this.#realKexinit = disguised && payload;
    return next(disguised ?? payload);
  }

  /** Client: ssh2 asks whether the host key will do. */
  verifyHost(hostKey: Buffer, verify: VerifyHostKey): boolean {
    const plainKey = this.#plainHostKey(hostKey, verify);
    const exchange = this.#protocol._kex;
    if (!plainKey || !exchange) {
      this.#hostRefused = true; // ssh2 says so to the peer and fails
      return false;
    }
    if (isCertificateAlgorithm(this.#hostKeyAlgorithm))
      verifyWithPlainKey(exchange, { certificate: hostKey, plainKey, algorithm: this.#hostKeyAlgorithm });
    return true;
  }

  #prepare(exchange: KeyExchange): void {
    if (this.#realKexinit) makeHybrid(exchange, this.#realKexinit, this.#protocol._server);
    if (!this.#protocol._server) {
      this.#hostKeyAlgorithm = exchange.negotiated.serverHostKey;
      // ssh2 holds the blob's type against this name, and for certificates over RSA keys they differ
      exchange.negotiated.serverHostKey = certificateTypeOf(this.#hostKeyAlgorithm);
      return;
    }
    Object.defineProperty(exchange, "remoteExtInfoEnabled", {
      get: () => false,
      set: (enabled: boolean) => (this.#peerTakesExtInfo = enabled),
    });
    if (isCertificateAlgorithm(exchange.negotiated.serverHostKey)) signAsPlainKey(exchange);
  }

  /** The first exchange decides; a later one must show the same key, whose certificate may have run out by then. */
  #plainHostKey(hostKey: Buffer, verify: VerifyHostKey): Buffer | undefined {
    if (this.#acceptedHost)
      return this.#acceptedHost.hostKey.equals(hostKey) ? this.#acceptedHost.plainKey : undefined;
    const verdict = verify(hostKey);
    if (!verdict.ok) return undefined;
    this.#acceptedHost = { hostKey: Buffer.from(hostKey), plainKey: Buffer.from(verdict.plainKey) };
    return this.#acceptedHost.plainKey;
  }
}
