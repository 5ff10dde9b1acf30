import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  decodePublicKey,
  encodePublicKeyLine,
  generatePrivateKey,
  issueCertificate,
} from "../../../src/certificate/index.js";
import {
  disconnectReason,
  generateEphemeralKey,
  hostKeyWithCertificate,
  message,
  refusal,
  acceptSocket,
  type SocketChannel,
  Transport,
} from "../../../src/ssh2/index.js";
import { WireWriter } from "../../../src/wire/index.js";
import { closeAfterwards } from "../../harness/closing.js";
import { runSsh } from "../../harness/run-program.js";
import { temporaryFolder } from "../../harness/temporary.js";
import type { OpensshVersion } from "../../harness/tools.js";

const hostCa = generatePrivateKey("ed25519");
const farewell = "it is late: grüße";

async function listen(onChannel: (channel: SocketChannel) => void): Promise<number> {
  const channels = new Set<SocketChannel>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    const channel = acceptSocket(socket);
    channels.add(channel);
    onChannel(channel);
    channel.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closeAfterwards(() => {
    for (const channel of channels) channel.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A server that shows a host certificate for `name`, lets the client ask for its login, and then says farewell. */
function listenAs(name: string): Promise<number> {
  const key = generateEphemeralKey();
  const certificate = issueCertificate(
    {
      key: decodePublicKey(key.publicKey),
      kind: "host",
      serial: 1n,
      keyId: name,
      principals: [name],
      validAfter: 0n,
      validBefore: 4_102_444_800n,
      nonce: Buffer.alloc(32, 1),
    },
    hostCa,
  );
  return listen((channel) => {
    const transport: Transport = new Transport(
      channel,
      { role: "server", hostKeys: [hostKeyWithCertificate(key, certificate)] },
      { bytes: 2 ** 30, everyMs: 3_600_000 },
      {
        onReady: () => undefined,
        onMessage: ([type]) => {
          if (type === message.serviceRequest)
            transport.send(new WireWriter().byte(message.serviceAccept).string("ssh-userauth").finish());
          else transport.disconnect(disconnectReason.byApplication, farewell);
        },
        onDrain: () => undefined,
        onEnd: () => undefined,
      },
    );
  });
}

function knownHosts(): string {
  const file = join(temporaryFolder(), "known_hosts");
  writeFileSync(file, `@cert-authority * ${encodePublicKeyLine(hostCa.public, "hosts")}\n`);
  return file;
}

async function connect(version: OpensshVersion, port: number, name: string, ...more: readonly string[]) {
  const options = [
    `UserKnownHostsFile=${knownHosts()}`,
    "GlobalKnownHostsFile=/dev/null",
    "StrictHostKeyChecking=yes",
    `HostKeyAlias=${name}`,
    "IdentityAgent=none",
  ].flatMap((option) => ["-o", option]);
  const { status, stderr } = await runSsh(version, [
    "-v",
    ...options,
    ...more,
    ...["-p", `${port}`, "alice@127.0.0.1", "true"],
  ]);
  return { status, said: stderr };
}

const exchanges: [version: OpensshVersion, method: string][] = [
  ["9.2", "curve25519-sha256"],
  ["10.0", "mlkem768x25519-sha256"],
];

for (const [version, method] of exchanges)
  describe(`ssh2, asked by ssh ${version}`, function () {
    it("is known by its host certificate, without a question", async () => {
      const { status, said } = await connect(version, await listenAs("prod-db-1"), "prod-db-1");
      assert.match(said, /matches the ED25519-CERT host certificate/);
      assert.match(said, /SSH2_MSG_SERVICE_ACCEPT received/);
      assert.match(said, /server-sig-algs=<[^>]*rsa-sha2-512/);
      assert.equal(status, 255);
    });

    it(`agrees on ${method}, AES-GCM and strict key exchange`, async () => {
      const { said } = await connect(version, await listenAs("prod-db-1"), "prod-db-1", "-vv");
      assert.match(said, new RegExp(`kex: algorithm: ${method}\\b`));
      assert.match(said, /kex: server->client cipher: aes128-gcm@openssh\.com/);
      if (version !== "9.2") assert.match(said, /strict KEX ordering/);
    });

    it("is refused under another name than it was certified for", async () => {
      const { said } = await connect(version, await listenAs("prod-db-1"), "prod-db-2");
      assert.match(said, /Host key verification failed/);
      assert.doesNotMatch(said, /SSH2_MSG_SERVICE_ACCEPT received/);
    });

    it("says last words that the person reads", async () => {
      const { said } = await connect(version, await listenAs("prod-db-1"), "prod-db-1");
      assert.match(said, /Received disconnect from 127\.0\.0\.1 port \d+:11: it is late: gr/);
    });

    for (const length of [0, 1, 5, 6, 7, 8, 200])
      it(`turns away before any key exchange with a text of ${length} letters`, async () => {
        const text = "x".repeat(length);
        const port = await listen(({ socket }) => {
          socket.resume().end(refusal(disconnectReason.tooManyConnections, text));
        });
        const { status, said } = await connect(version, port, "prod-db-1");
        assert.match(
          said,
          new RegExp(`Received disconnect from 127\\.0\\.0\\.1 port \\d+:12: ${text}\\r?\\n`),
        );
        assert.equal(status, 255);
      });
  });
