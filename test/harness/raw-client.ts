import { readFileSync } from "node:fs";
import { decodeCertificate, parsePrivateKey } from "../../src/certificate/index.js";
import { dial, message, Transport, type TransportEnd } from "../../src/ssh2/index.js";
import { WireWriter } from "../../src/wire/index.js";
import { closeAfterwards } from "./closing.js";
import type { KeyFiles } from "./ssh-keys.js";

/** An SSH client that says whatever the test tells it to: a transport, and every message above it by hand. */
export interface RawClient {
  readonly transport: Transport;
  /** Every message that came, oldest first. */
  readonly received: readonly Buffer[];
  readonly ended: Promise<TransportEnd>;
  send(payload: Buffer): void;
  /** Resolves with the first message of this number that has not been waited for; rejects when the connection ends. */
  waitFor(number: number): Promise<Buffer>;
}

const patienceMs = 60_000;

/** Connects and exchanges keys; any host certificate will do. */
export async function connectRaw(port: number): Promise<RawClient> {
  const received: Buffer[] = [];
  let taken = 0;
  let look = (): void => undefined;
  let ready = (): void => undefined;
  let end: TransportEnd | undefined;
  let onEnd: (end: TransportEnd) => void = () => undefined;
  const ended = new Promise<TransportEnd>((resolve) => (onEnd = resolve));
  const isReady = new Promise<void>((resolve) => (ready = resolve));
  const channel = dial({ host: "127.0.0.1", port }, { onConnect: () => undefined, onError: () => undefined });
  const transport = new Transport(
    channel,
    {
      role: "client",
      accepts: { plain: false, certified: true },
      verifyHostKey: (shown) => ({ ok: true, plainKey: decodeCertificate(shown).key.blob }),
    },
    { bytes: 2 ** 40, everyMs: 3_600_000 },
    {
      onReady: () => ready(),
      onMessage: (payload) => {
        received.push(Buffer.from(payload));
        look();
      },
      onDrain: () => undefined,
      onEnd: (how) => {
        end = how;
        onEnd(how);
        look();
      },
    },
  );
  closeAfterwards(() => {
    transport.destroy();
    return undefined;
  });
  await Promise.race([isReady, ended.then((how) => Promise.reject(new Error(`ended: ${how.detail}`)))]);

  function waitFor(number: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => {
        settle();
        reject(
          new Error(`no message ${number}: ${why}; there were ${received.map((one) => one[0]).join(" ")}`),
        );
      };
      const timer = setTimeout(() => fail("in time"), patienceMs);
      const settle = () => {
        clearTimeout(timer);
        look = () => undefined;
      };
      look = () => {
        const at = received.findIndex((payload, index) => index >= taken && payload[0] === number);
        if (at === -1) {
          if (end) fail(end.detail);
          return;
        }
        taken = at + 1;
        settle();
        resolve(received[at] as Buffer);
      };
      look();
    });
  }

  return { transport, received, ended, send: (payload) => transport.send(payload), waitFor };
}

/** Asks for the service that logins are made with (RFC 4252 section 5). */
export async function askForLogin(client: RawClient): Promise<void> {
  client.send(new WireWriter().byte(message.serviceRequest).string("ssh-userauth").finish());
  await client.waitFor(message.serviceAccept);
}

/** A signed login with a key, and the certificate of a file where one is given (RFC 4252 section 7). */
export function keyLogin(client: RawClient, user: string, key: KeyFiles, certificatePath?: string): Buffer {
  const signer = parsePrivateKey(key.privateKey);
  const [type = "", body = ""] =
    certificatePath === undefined ? [] : readFileSync(certificatePath, "utf8").split(" ");
  const request = new WireWriter()
    .byte(message.userauthRequest)
    .string(user)
    .string("ssh-connection")
    .string("publickey")
    .boolean(true)
    .string(type === "" ? signer.public.type : type)
    .string(type === "" ? signer.public.blob : Buffer.from(body, "base64"))
    .finish();
  const signed = new WireWriter().string(client.transport.sessionId).raw(request).finish();
  return new WireWriter().raw(request).string(signer.sign(signed)).finish();
}

/** Connects and logs in with the certificate beside the key. */
export async function loginRaw(port: number, user: string, key: KeyFiles): Promise<RawClient> {
  const client = await connectRaw(port);
  await askForLogin(client);
  client.send(keyLogin(client, user, key, key.certificatePath));
  await client.waitFor(message.userauthSuccess);
  return client;
}

/** SSH_MSG_CHANNEL_OPEN of a type without fields of its own. */
export function channelOpen(number: number, type = "session", window = 1 << 20): Buffer {
  return new WireWriter()
    .byte(message.channelOpen)
    .string(type)
    .uint32(number)
    .uint32(window)
    .uint32(32_768)
    .finish();
}
