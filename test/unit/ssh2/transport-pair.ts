import { issueCertificate, decodePublicKey, generatePrivateKey } from "../../../src/certificate/index.js";
import {
  generateEphemeralKey,
  plainHostKey,
  Transport,
  type ByteChannel,
  type RekeyPolicy,
  type Ssh2Key,
  type TransportEnd,
} from "../../../src/ssh2/index.js";
import { memoryPair } from "../../../src/ssh2/memory-channel.js";

export const never: RekeyPolicy = { bytes: Number.MAX_SAFE_INTEGER, everyMs: 1e9 };

/** One end of a transport under test, and what it was told. */
export interface End {
  readonly transport: Transport;
  readonly channel: ByteChannel;
  readonly messages: Buffer[];
  readonly ends: TransportEnd[];
  readonly drains: number[];
  readonly ready: Promise<void>;
}

export interface PairOptions {
  readonly hostKey?: Ssh2Key;
  readonly accepts?: { plain: boolean; certified: boolean };
  readonly verifyHostKey?: (hostKey: Buffer) => { ok: true; plainKey: Buffer } | { ok: false };
  readonly serverRekey?: RekeyPolicy;
  readonly clientRekey?: RekeyPolicy;
  readonly messageBytesMax?: number;
  /** Stands in the wire: gives what arrives of each write, in pieces or changed. */
  readonly wire?: (from: "client" | "server", bytes: Buffer) => Buffer[];
}

/** Two transports joined in memory; their first key exchange is under way. */
export function transportPair(options: PairOptions = {}): { client: End; server: End } {
  const [clientChannel, serverChannel] = memoryPair();
  const { wire } = options;
  if (wire) {
    putBetween(clientChannel, (bytes) => wire("client", bytes));
    putBetween(serverChannel, (bytes) => wire("server", bytes));
  }
  const { hostKey = plainHostKey(generateEphemeralKey()), messageBytesMax } = options;
  const server = end(serverChannel, (handler) => {
    const side = { role: "server" as const, hostKeys: [hostKey] };
    const bounded = messageBytesMax === undefined ? side : { ...side, messageBytesMax };
    return new Transport(serverChannel, bounded, options.serverRekey ?? never, handler);
  });
  const client = end(clientChannel, (handler) => {
    const accepts = options.accepts ?? { plain: true, certified: false };
    const verifyHostKey =
      options.verifyHostKey ?? ((shown: Buffer) => ({ ok: true as const, plainKey: shown }));
    const side = { role: "client" as const, accepts, verifyHostKey };
    return new Transport(clientChannel, side, options.clientRekey ?? never, handler);
  });
  return { client, server };
}

type Handler = ConstructorParameters<typeof Transport>[3];

function end(channel: ByteChannel, make: (handler: Handler) => Transport): End {
  const messages: Buffer[] = [];
  const ends: TransportEnd[] = [];
  const drains: number[] = [];
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  const transport = make({
    onReady,
    onMessage: (payload) => messages.push(Buffer.from(payload)),
    onDrain: () => drains.push(drains.length),
    onEnd: (how) => ends.push(how),
  });
  return { transport, channel, messages, ends, drains, ready };
}

function putBetween(channel: ByteChannel, change: (bytes: Buffer) => Buffer[]): void {
  const write = channel.write.bind(channel);
  channel.write = (bytes) => {
    for (const piece of change(bytes)) write(piece);
  };
}

/** A message of a number that no transport interprets, told apart by what is in it. */
export function numbered(number: number, length = 8): Buffer {
  const payload = Buffer.alloc(length, number);
  payload[0] = 80;
  payload.writeUInt32BE(number, 1);
  return payload;
}

/** What has been asked for in microtasks and short timers is done, or `condition` never comes true in this time. */
export async function until(condition: () => boolean, withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > end) throw new Error("it did not come to that");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A host key that counts how often it signed: once for each key exchange. */
export function countingHostKey(): { hostKey: Ssh2Key; exchanges: () => number } {
  const key = plainHostKey(generateEphemeralKey());
  let count = 0;
  const sign = (data: Buffer) => {
    count += 1;
    return key.sign(data);
  };
  return { hostKey: { ...key, sign }, exchanges: () => count };
}

/** A host certificate for `publicKey` by an authority made up on the spot. */
export function hostCertificate(publicKey: Buffer, name = "prod-db-1"): Buffer {
  const request = {
    key: decodePublicKey(publicKey),
    kind: "host" as const,
    serial: 1n,
    keyId: name,
    principals: [name],
    validAfter: 0n,
    validBefore: 4_102_444_800n,
    nonce: Buffer.alloc(32, 7),
  };
  return issueCertificate(request, generatePrivateKey("ed25519"));
}
