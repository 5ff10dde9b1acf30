import assert from "node:assert/strict";
import { clientOffer, serverOffer, userSignatureAlgorithms } from "../../../src/ssh2/algorithms.js";

const all = (offer: ReturnType<typeof serverOffer>) => [
  ...[...offer.kex, ...offer.serverHostKey],
  ...[offer.cs, offer.sc].flatMap(({ cipher, mac, compress }) => [...cipher, ...mac, ...compress]),
];

describe("ssh2/algorithms", () => {
  const clients: [software: string, ciphers: RegExp][] = [
    ["OpenSSH_9.2p1", /^aes(128|256)-gcm@openssh\.com$/],
    ["OpenSSH_for_Windows_8.1", /^aes(128|256)-gcm@openssh\.com$/],
  ];
  for (const [software, ciphers] of clients)
    it(`offers ${software} AES-GCM and nothing else`, () => {
      const { cs, sc } = serverOffer(["ssh-ed25519"], software);
      assert.deepEqual(cs.cipher, sc.cipher);
      assert.ok(cs.cipher.length === 2 && cs.cipher.every((name) => ciphers.test(name)));
    });

  for (const software of ["PuTTY_Release_0.78", "dropbear_2022.83", "AsyncSSH_2.10.1", "", "xOpenSSH_9.2"])
    it(`offers ${software || "an unnamed client"} AES-GCM first, then what others need`, () => {
      const { cs } = serverOffer(["ssh-ed25519"], software);
      assert.deepEqual(cs.cipher.slice(0, 3), [
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
      ]);
    });

  it("prefers the hybrid exchange, on both legs", () => {
    const offers = [serverOffer([], ""), clientOffer({ plain: true, certified: true })];
    for (const { kex } of offers) assert.equal(kex[0], "mlkem768x25519-sha256");
  });

  it("offers nothing weak", () => {
    const offers = [serverOffer(["ssh-ed25519"], ""), clientOffer({ plain: true, certified: true })];
    const names = [...offers.flatMap(all), ...userSignatureAlgorithms];
    const weak = names.filter((name) => /sha1|md5|cbc|3des|arcfour|group|ecdh|dss|^ssh-rsa|umac/.test(name));
    assert.deepEqual(weak, []);
    assert.ok(names.filter((name) => name.startsWith("hmac-")).every((name) => name.includes("-etm@")));
  });

  const accepted: [accepts: { plain: boolean; certified: boolean }, first: string, count: number][] = [
    [{ plain: true, certified: false }, "ssh-ed25519", 6],
    [{ plain: false, certified: true }, "ssh-ed25519-cert-v01@openssh.com", 6],
    [{ plain: true, certified: true }, "ssh-ed25519-cert-v01@openssh.com", 12],
    [{ plain: false, certified: false }, "", 0],
  ];
  for (const [accepts, first, count] of accepted)
    it(`asks for ${count} kinds of host key when it accepts ${JSON.stringify(accepts)}`, () => {
      const { serverHostKey } = clientOffer(accepts);
      assert.equal(serverHostKey.length, count);
      assert.equal(serverHostKey[0] ?? "", first);
    });

  it("gives each offer lists of its own", () => {
    const names = ["ssh-ed25519"];
    serverOffer(names, "").kex.push("more");
    serverOffer(names, "").serverHostKey.push("more");
    assert.ok(!all(serverOffer(names, "")).includes("more"));
  });
});
