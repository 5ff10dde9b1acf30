import { bindingAvailable, KexInit, Protocol, sendPacket, version } from "./insides.js";
import { generateEphemeralKey, plainHostKey } from "./host-key.js";
import { memoryPair } from "./memory-channel.js";
import { Transport, type TransportEnd, type TransportHandler } from "./transport.js";

const expectedVersion = "1.17.0";
const handshakeTimeoutMs = 10_000;

/** The installed ssh2 is not the one whose insides this room was written for. */
export class Ssh2MismatchError extends Error {
  override readonly name = "Ssh2MismatchError";
  readonly code = "SSH2_MISMATCH";
}

/**
 * Looks whether the insides of ssh2 are what `insides.ts` says, and runs one whole key exchange in memory, hybrid and
 * rekey included. Gives the version and whether its native ciphers were built. Throws `Ssh2MismatchError`.
 */
export async function checkSsh2(
  installed: string = version,
): Promise<{ version: string; nativeCiphers: boolean }> {
  if (installed !== expectedVersion)
    throw new Ssh2MismatchError(`ssh2 ${installed} is installed, ${expectedVersion} is needed: run npm ci`);
  const present = [Protocol, KexInit, sendPacket].every((part) => typeof part === "function");
  if (!present)
    throw new Ssh2MismatchError(`ssh2 ${version} lacks a part that this program needs: run npm ci`);
  await handshakeInMemory();
  return { version, nativeCiphers: bindingAvailable };
}

function handshakeInMemory(): Promise<void> {
  return new Promise((resolve, reject) => {
    const [clientChannel, serverChannel] = memoryPair();
    const hostKey = generateEphemeralKey();
    const rekey = { bytes: Number.MAX_SAFE_INTEGER, everyMs: handshakeTimeoutMs * 10 };
    let settled = false;
    const settle = (error?: Error) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      client.destroy();
      server.destroy();
      if (error) reject(error);
      else resolve();
    };
    const fail = (end: TransportEnd) =>
      settle(new Ssh2MismatchError(`ssh2 ${version}: ${end.code} ${end.detail}`));
    const timer = setTimeout(
      () => fail({ code: "PROTOCOL_ERROR", detail: "no handshake with itself" }),
      handshakeTimeoutMs,
    );
    const echo = Buffer.from([80, 1, 2, 3]);
    const silent: TransportHandler = {
      onReady: () => undefined,
      onMessage: () => undefined,
      onDrain: () => undefined,
      onEnd: fail,
    };
    const server = new Transport(
      serverChannel,
      { role: "server", hostKeys: [plainHostKey(hostKey)] },
      rekey,
      {
        ...silent,
        onMessage: (payload) => server.send(payload),
      },
    );
    const client = new Transport(
      clientChannel,
      {
        role: "client",
        accepts: { plain: true, certified: false },
        verifyHostKey: (key) => (key.equals(hostKey.publicKey) ? { ok: true, plainKey: key } : { ok: false }),
      },
      rekey,
      {
        ...silent,
        onReady: () => {
          client.rekey();
          client.send(echo); // waits for the second exchange
        },
        onMessage: (payload) => {
          if (payload[0] === echo[0])
            settle(payload.equals(echo) ? undefined : new Ssh2MismatchError("a message was changed"));
        },
      },
    );
  });
}
