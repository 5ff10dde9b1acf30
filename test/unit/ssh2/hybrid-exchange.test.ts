import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { disguiseHybrid, makeHybrid } from "../../../src/ssh2/hybrid-exchange.js";
import type { KeyExchange } from "../../../src/ssh2/insides.js";
import { WireReader, WireWriter } from "../../../src/wire/index.js";

const hybrid = "mlkem768x25519-sha256";
const curve = "curve25519-sha256";

/** What `Curve25519Exchange` of ssh2 gives to the hybrid: a key pair and its public half. */
function curveExchange(): KeyExchange {
  const keys = generateKeyPairSync("x25519");
  const publicKey = keys.publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return { _keys: keys, getPublicKey: () => publicKey } as unknown as KeyExchange;
}

function roles(): { client: KeyExchange; server: KeyExchange } {
  const [client, server] = [curveExchange(), curveExchange()];
  makeHybrid(client, Buffer.alloc(0), false);
  makeHybrid(server, Buffer.alloc(0), true);
  return { client, server };
}

/** `bytes` with `length` of them from `at` replaced. */
function patched(bytes: Buffer, at: number, patch: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  patch.copy(copy, at);
  return copy;
}

function kexinit(names: string): Buffer {
  const cookie = Buffer.alloc(16, 9);
  return new WireWriter().byte(20).raw(cookie).string(names).string("ssh-ed25519").byte(1).finish();
}

function namesOf(kexinit: Buffer | undefined): string | undefined {
  return kexinit && new WireReader(kexinit, 17).text();
}

describe("ssh2/hybrid-exchange", () => {
  it("gives both sides the same secret of 32 bytes, in the lengths of the draft", () => {
    const { client, server } = roles();
    const init = client.getPublicKey();
    assert.equal(init.length, 1184 + 32);
    const secret = server.computeSecret(init);
    const answer = server.getPublicKey();
    assert.equal(answer.length, 1088 + 32);
    assert.ok(Buffer.isBuffer(secret) && secret.length === 32);
    assert.deepEqual(client.computeSecret(answer), secret);
  });

  it("hashes the public values as they crossed, high bit and leading zeros included", () => {
    const { server } = roles();
    const value = Buffer.from("0080", "hex");
    assert.deepEqual(server.convertPublicKey(value), value);
  });

  it("puts the real KEXINIT back for the exchange hash", () => {
    const exchange = curveExchange();
    const real = kexinit(hybrid);
    makeHybrid(exchange, real, true);
    assert.equal(exchange._remoteKexinit, real);
  });

  it("disagrees about the secret when either half of the answer was changed", () => {
    for (const at of [0, 1088]) {
      const { client, server } = roles();
      const secret = server.computeSecret(client.getPublicKey());
      const answer = Buffer.from(server.getPublicKey());
      answer[at] = (answer[at] ?? 0) ^ 1;
      assert.notDeepEqual(client.computeSecret(answer), secret);
    }
  });

  // the points of small order in both encodings of a field element (RFC 7748, section 6.1 and errata)
  const lowOrder = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ];
  for (const point of lowOrder)
    it(`refuses the point ${point.slice(0, 8)}… on both sides`, () => {
      const { client, server } = roles();
      const bytes = Buffer.from(point, "hex");
      assert.ok(server.computeSecret(patched(client.getPublicKey(), 1184, bytes)) instanceof Error);
      server.computeSecret(client.getPublicKey());
      assert.ok(client.computeSecret(patched(server.getPublicKey(), 1088, bytes)) instanceof Error);
    });

  it("refuses an encapsulation key whose numbers are not reduced (FIPS 203 section 7.2)", () => {
    const { client, server } = roles();
    const init = patched(client.getPublicKey(), 0, Buffer.alloc(1152, 0xff));
    assert.ok(server.computeSecret(init) instanceof Error);
  });

  for (const length of [0, 32, 1215, 1217])
    it(`refuses an init of ${length} bytes`, () =>
      assert.ok(roles().server.computeSecret(Buffer.alloc(length, 9)) instanceof Error));

  for (const length of [0, 32, 1119, 1121])
    it(`refuses an answer of ${length} bytes`, () =>
      assert.ok(roles().client.computeSecret(Buffer.alloc(length, 9)) instanceof Error));
});

describe("ssh2/hybrid-exchange disguiseHybrid", () => {
  const ours = [hybrid, curve, "kex-strict-s-v00@openssh.com"];
  const table: [name: string, weAre: "server" | "client", theirs: string, disguised: string | undefined][] = [
    ["client-prefers-hybrid", "server", `${hybrid},${curve}`, `${curve},${curve}`],
    ["client-prefers-curve", "server", `${curve},${hybrid}`, undefined],
    ["client-knows-only-curve", "server", curve, undefined],
    ["what-we-lack-comes-first", "server", `sntrup,${hybrid},${curve}`, `sntrup,${curve},${curve}`],
    [
      "markers-are-kept",
      "server",
      `${hybrid},ext-info-c,kex-strict-c-v00@openssh.com`,
      `${curve},ext-info-c,kex-strict-c-v00@openssh.com`,
    ],
    [
      "a-marker-is-no-method",
      "server",
      `kex-strict-s-v00@openssh.com,${hybrid}`,
      `kex-strict-s-v00@openssh.com,${curve}`,
    ],
    ["our-order-decides-as-client", "client", `${curve},${hybrid}`, `${curve},${curve}`],
    ["server-lacks-the-hybrid", "client", `sntrup,${curve}`, undefined],
    ["empty-list", "server", "", undefined],
    ["nothing-in-common", "server", "sntrup", undefined],
  ];
  for (const [name, weAre, theirs, disguised] of table)
    it(name, () => {
      const result = disguiseHybrid(kexinit(theirs), ours, weAre === "server");
      assert.equal(namesOf(result), disguised);
    });

  it("changes nothing but the list", () => {
    const original = kexinit(hybrid);
    const result = disguiseHybrid(original, ours, true);
    assert.ok(result);
    assert.deepEqual(result.subarray(0, 17), original.subarray(0, 17));
    assert.deepEqual(result.subarray(21 + curve.length), original.subarray(21 + hybrid.length));
  });

  it("leaves a KEXINIT alone that is cut anywhere in the list", () => {
    const whole = kexinit(hybrid);
    for (let length = 0; length < 21 + hybrid.length; length++)
      assert.equal(disguiseHybrid(whole.subarray(0, length), ours, true), undefined, `${length} bytes`);
  });
});
