import assert from "node:assert/strict";
import { decodeCertificate } from "../../../src/certificate/index.js";
import {
  generateEphemeralKey,
  hostKeyWithCertificate,
  plainHostKey,
  type Ssh2Key,
} from "../../../src/ssh2/index.js";
import { plainAlgorithm } from "../../../src/ssh2/certified-host-key.js";
import { hostCertificate, numbered, transportPair, until, type PairOptions } from "./transport-pair.js";

const key = generateEphemeralKey();
const certificate = hostCertificate(key.publicKey);
const certified = { plain: false, certified: true };

async function endOf(options: PairOptions): Promise<string[][]> {
  const { client, server } = transportPair(options);
  await until(() => client.ends.length > 0 && server.ends.length > 0);
  return [client, server].map(({ ends }) => ends.map(({ code }) => code));
}

describe("ssh2/host-key", () => {
  it("shows a certificate and signs with the plain key in it, at every exchange", async () => {
    const shown: Buffer[] = [];
    const { client, server } = transportPair({
      hostKey: hostKeyWithCertificate(key, certificate),
      accepts: certified,
      verifyHostKey: (hostKey) => {
        shown.push(Buffer.from(hostKey));
        return { ok: true, plainKey: decodeCertificate(hostKey).key.blob };
      },
    });
    await Promise.all([client.ready, server.ready]);
    client.transport.rekey();
    client.transport.send(numbered(1));
    await until(() => server.messages.length === 1);
    server.transport.rekey();
    client.transport.send(numbered(2));
    await until(() => server.messages.length === 2);
    assert.deepEqual(shown, [certificate]); // judged once: it may run out while the connection lives
  });

  it("ends on a key or certificate that is refused, without a word above the transport", async () => {
    const verifyHostKey = () => ({ ok: false as const });
    for (const options of [
      { hostKey: plainHostKey(key), verifyHostKey },
      { hostKey: hostKeyWithCertificate(key, certificate), accepts: certified, verifyHostKey },
    ])
      assert.deepEqual(await endOf(options), [["HOST_KEY_REFUSED"], ["DISCONNECTED"]]);
  });

  it("ends when the certified key is not the one that signed", async () => {
    const other = hostCertificate(generateEphemeralKey().publicKey);
    const [client] = await endOf({
      hostKey: hostKeyWithCertificate(key, other),
      accepts: certified,
      verifyHostKey: (hostKey) => ({ ok: true, plainKey: decodeCertificate(hostKey).key.blob }),
    });
    assert.deepEqual(client, ["PROTOCOL_ERROR"]);
  });

  it("ends when a plain key is shown where a certificate was agreed on, and the other way round", async () => {
    const posing: [shown: Ssh2Key, accepts: { plain: boolean; certified: boolean }][] = [
      [{ ...hostKeyWithCertificate(key, key.publicKey) }, certified],
      [
        { ...plainHostKey(key), getPublicSSH: () => certificate },
        { plain: true, certified: false },
      ],
    ];
    for (const [hostKey, accepts] of posing) {
      const [client] = await endOf({ hostKey, accepts });
      assert.deepEqual(client, ["PROTOCOL_ERROR"]);
    }
  });

  it("has no exchange where one side has only what the other does not take", async () => {
    assert.deepEqual(await endOf({ hostKey: plainHostKey(key), accepts: certified }), [
      ["PROTOCOL_ERROR"],
      ["PROTOCOL_ERROR"],
    ]);
  });

  it("ends when a later exchange shows another key", async () => {
    let current = plainHostKey(key);
    const hostKey: Ssh2Key = {
      type: "ssh-ed25519",
      getPublicSSH: () => current.getPublicSSH(),
      sign: (data) => current.sign(data),
    };
    const { client, server } = transportPair({ hostKey });
    await Promise.all([client.ready, server.ready]);
    current = plainHostKey(generateEphemeralKey());
    client.transport.rekey();
    await until(() => client.ends.length > 0);
    assert.deepEqual(
      client.ends.map(({ code }) => code),
      ["HOST_KEY_REFUSED"],
    );
  });

  const names: [algorithm: string, plain: string][] = [
    ["ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"],
    ["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-512"],
    ["ssh-ed25519", "ssh-ed25519"],
  ];
  for (const [algorithm, plain] of names)
    it(`names a signature under ${algorithm} ${plain}`, () => assert.equal(plainAlgorithm(algorithm), plain));
});
