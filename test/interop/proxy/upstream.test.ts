import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  decodePublicKey,
  encodePublicKeyLine,
  generatePrivateKey,
  issueCertificate,
  parsePublicKeyLine,
  type GeneratedType,
} from "../../../src/certificate/index.js";
import {
  dialTarget,
  UpstreamError,
  type Upstream,
  type UpstreamFailureCode,
  type UpstreamRequest,
} from "../../../src/proxy/upstream.js";
import type { UpstreamTarget } from "../../../src/rpc/index.js";
import { generateEphemeralKey } from "../../../src/ssh2/index.js";
import { WireReader } from "../../../src/wire/index.js";
import { closeAfterwards } from "../../harness/closing.js";
import { startLyingTarget, type Lie } from "../../harness/lying-target.js";
import { makeKey, signCertificate } from "../../harness/ssh-keys.js";
import { freePort, startSshd, type RunningSshd, type SshdOptions } from "../../harness/sshd.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { adjust, bytesIn, data, eof, open, request, text } from "../../unit/proxy/messages.js";

const targetCa = generatePrivateKey("ed25519");
const targetCaLine = encodePublicKeyLine(targetCa.public, "targets");

const blobOf = (line: string) => parsePublicKeyLine(line).key.blob.toString("base64");

type HostKeys = Pick<UpstreamTarget, "hostKeys" | "hostCas">;

const anyHostKey: HostKeys = { hostKeys: ["AAAA"], hostCas: [] };

/** A request with a fresh key, certified by the target CA for the login. */
function requestFor(port: number, login: string, known: HostKeys): UpstreamRequest {
  const key = generateEphemeralKey();
  const fields = {
    key: decodePublicKey(key.publicKey),
    kind: "user" as const,
    serial: 1n,
    keyId: "alice",
    principals: [login],
    validAfter: 0n,
    validBefore: 4_102_444_800n,
    nonce: randomBytes(32),
  };
  return {
    name: "prod-db-1",
    address: { host: "127.0.0.1", port, ...known },
    login,
    how: { kind: "certificate", certificate: issueCertificate(fields, targetCa).toString("base64") },
    key,
    rekey: { bytes: 2 ** 30, everyMs: 3_600_000 },
    timeoutMs: 5000,
    signal: new AbortController().signal,
    signLogin: () => Promise.reject(new Error("nobody asked for that")),
    onBanner: () => undefined,
  };
}

/** A request that a sshd which trusts the target CA grants. */
function requestTo(sshd: RunningSshd, changes: Partial<UpstreamRequest> = {}): UpstreamRequest {
  const known = { hostKeys: [blobOf(sshd.hostKeyLine)], hostCas: [] };
  return { ...requestFor(sshd.port, sshd.login, known), ...changes };
}

const sshdFor = (options: Partial<SshdOptions> = {}) =>
  startSshd({ version: "9.2", trustedUserCas: [targetCaLine], ...options });

async function dialled(request: UpstreamRequest): Promise<Upstream> {
  const upstream = await dialTarget(request);
  closeAfterwards(() => {
    upstream.transport.destroy();
    return undefined;
  });
  return upstream;
}

const failsWith = (code: UpstreamFailureCode, said: RegExp) => (error: unknown) =>
  error instanceof UpstreamError && error.code === code && said.test(error.text);

/** Runs `cat` and sends `input` through it, with new keys now and then; gives what came back. */
function throughCat(upstream: Upstream, input: Buffer): Promise<Buffer> {
  const { transport } = upstream;
  return new Promise((resolve, reject) => {
    const answers: Buffer[] = [];
    let window = 0;
    let sent = 0;
    let received = 0;
    let channel = 0;
    const pump = () => {
      while (window > 0 && sent < input.length) {
        const piece = input.subarray(sent, sent + Math.min(window, 30_000));
        transport.send(data(channel, piece));
        sent += piece.length;
        window -= piece.length;
        if (sent === input.length) transport.send(eof(channel));
      }
    };
    upstream.listen({
      onDrain: () => undefined,
      onEnd: ({ detail }) => reject(new Error(detail)),
      onMessage: (payload) => {
        const reader = new WireReader(payload, 1);
        if (payload[0] === 91) {
          reader.uint32();
          channel = reader.uint32();
          window = reader.uint32();
          transport.send(request(channel, "exec", false, text("cat")));
          pump();
        } else if (payload[0] === 93) {
          window += payload.readUInt32BE(5);
          pump();
        } else if (payload[0] === 94) {
          const bytes = Buffer.from(bytesIn(payload));
          answers.push(bytes);
          const before = received;
          received += bytes.length;
          transport.send(adjust(channel, bytes.length));
          if (before < input.length / 2 && received >= input.length / 2) transport.rekey();
        } else if (payload[0] === 97) resolve(Buffer.concat(answers));
      },
    });
    transport.send(open("session", 0));
  });
}

describe("proxy/upstream, to a real sshd", function () {
  for (const version of ["9.2", "10.0"] as const)
    it(`logs in to ${version} with a certificate for its fresh key`, async () => {
      const { transport } = await dialled(requestTo(await sshdFor({ version })));
      assert.equal(transport.ended, false);
      assert.match(transport.peerSoftware, /^OpenSSH_/);
    });

  const keyTypes: GeneratedType[] = ["ed25519", "nistp256", "rsa"];
  for (const type of keyTypes)
    it(`logs in with an ${type} key that another process holds`, async () => {
      const key = generatePrivateKey(type);
      const sshd = await sshdFor({ authorizedKeys: [encodePublicKeyLine(key.public, "kept")] });
      const request = requestTo(sshd, {
        how: { kind: "key", publicKey: key.public.blob.toString("base64") },
        signLogin: (blob) => Promise.resolve(key.sign(blob)),
      });
      assert.equal((await dialled(request)).transport.ended, false);
    });

  for (const cipher of ["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr"])
    it(`carries bytes with ${cipher}, both sides making new keys in the middle`, async () => {
      const sshd = await sshdFor({ config: [`Ciphers ${cipher}`, "RekeyLimit 1M"] });
      const input = randomBytes(3_000_000);
      const upstream = await dialled(requestTo(sshd));
      assert.ok((await throughCat(upstream, input)).equals(input));
    });

  it("says that a login was refused where the target CA is not trusted", async () => {
    const sshd = await sshdFor({ trustedUserCas: [] });
    await assert.rejects(
      dialTarget(requestTo(sshd)),
      failsWith("target-login-refused", /prod-db-1 refused the bastion's login as .*TrustedUserCAKeys/),
    );
  });

  it("says so when the key cannot be used", async () => {
    const request = requestTo(await sshdFor(), {
      how: { kind: "key", publicKey: targetCa.public.blob.toString("base64") },
    });
    await assert.rejects(dialTarget(request), failsWith("target-login-refused", /just now/));
  });

  it("shows the target's banner, whatever its encoding", async () => {
    const banners: string[] = [];
    const banner = join(temporaryFolder(), "banner");
    writeFileSync(banner, Buffer.from("Zugang nur f\xfcr Befugte\n", "latin1"));
    const sshd = await sshdFor({ config: [`Banner ${banner}`] });
    await dialled(requestTo(sshd, { onBanner: (text) => banners.push(text) }));
    assert.equal(banners.length, 1);
    assert.match(banners[0] ?? "", /^Zugang nur f.+r Befugte\n$/);
  });
});

describe("proxy/upstream, the target's host key", function () {
  const names: [
    name: string,
    principals: string[],
    known: "ca" | "other-ca" | "ca-and-key",
    isTaken: boolean,
  ][] = [
    ["certified-for-its-name", ["prod-db-1"], "ca", true],
    ["certified-for-its-address", ["127.0.0.1"], "ca", true],
    ["certified-for-another-name", ["prod-db-2"], "ca", false],
    ["certified-by-another-authority", ["prod-db-1"], "other-ca", false],
    ["certified-for-another-name-but-known-by-itself", ["prod-db-2"], "ca-and-key", true],
  ];
  for (const [name, principals, known, isTaken] of names)
    it(`is ${isTaken ? "taken" : "refused"} when it is ${name}`, async () => {
      const [ca, hostKey, otherCa] = [await makeKey("ca"), await makeKey("host"), await makeKey("other")];
      await signCertificate({ ca, key: hostKey, principals, host: true });
      const sshd = await sshdFor({ hostKey, withHostCertificate: true });
      const request = requestTo(sshd);
      const hostKeys = known === "ca-and-key" ? [blobOf(hostKey.publicLine)] : [];
      const hostCas = [blobOf((known === "other-ca" ? otherCa : ca).publicLine)];
      const dialling = dialled({ ...request, address: { ...request.address, hostKeys, hostCas } });
      if (isTaken) assert.equal((await dialling).transport.ended, false);
      else await assert.rejects(dialling, failsWith("target-host-key", /Tell an admin/));
    });

  it("is refused when it is another plain key, before anything is sent", async () => {
    const sshd = await sshdFor();
    const request = requestTo(sshd);
    const hostKeys = [blobOf((await makeKey("other")).publicLine)];
    await assert.rejects(
      dialTarget({ ...request, address: { ...request.address, hostKeys } }),
      failsWith("target-host-key", /nothing was sent to it/),
    );
    assert.doesNotMatch(sshd.log(), /postgres|Accepted|Failed publickey/);
  });
});

describe("proxy/upstream, to who is no good target", function () {
  const lies: [lie: Lie, code: UpstreamFailureCode, said: RegExp][] = [
    ["silent", "target-silent", /did not answer within 0\.5 s/],
    ["slow-banner", "target-silent", /did not answer/],
    ["stops", "target-silent", /did not answer/],
    ["closes", "target-protocol", /closed the connection before the login/],
    ["endless-banner", "target-protocol", /does not speak SSH/],
    ["garbage", "target-protocol", /does not speak SSH/],
  ];
  for (const [lie, code, said] of lies)
    it(`gives one clear line about one that is ${lie}`, async () => {
      const { port } = await startLyingTarget(lie);
      const request = { ...requestFor(port, "postgres", anyHostKey), timeoutMs: 500 };
      const timeoutMs = lie === "endless-banner" ? 10_000 : 500;
      await assert.rejects(dialTarget({ ...request, timeoutMs }), failsWith(code, said));
    });

  it("gives one clear line where nobody listens", async () => {
    const request = requestFor(await freePort(), "postgres", anyHostKey);
    await assert.rejects(
      dialTarget(request),
      failsWith("target-unreachable", /cannot be reached \(ECONNREFUSED\)/),
    );
  });

  it("lets go when the session must not come about any more", async () => {
    const target = await startLyingTarget("silent");
    const aborting = new AbortController();
    const request = {
      ...requestFor(target.port, "postgres", anyHostKey),
      signal: aborting.signal,
    };
    const dialling = dialTarget(request);
    setTimeout(() => aborting.abort(), 50);
    await assert.rejects(dialling, failsWith("session-cut", /not connected to any more/));
    await assert.rejects(dialTarget(request), failsWith("session-cut", /not connected to any more/));
  });
});
