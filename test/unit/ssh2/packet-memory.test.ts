import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { allocateGcmPacket, joinPackets, releasePacket } from "../../../src/ssh2/packet-memory.js";

interface Ssh2Crypto {
  CIPHER_INFO: Record<string, object>;
  createCipher(config: object): { constructor: { name: string }; allocPacket(length: number): Buffer };
  /** ssh2 makes its ChaCha20 ready with this, before any cipher is made. */
  init: Promise<void>;
}

const crypto = createRequire(import.meta.url)("ssh2/lib/protocol/crypto.js") as Ssh2Crypto;

function theirs() {
  return crypto.createCipher({
    outbound: {
      seqno: 0,
      onWrite: () => undefined,
      cipherInfo: crypto.CIPHER_INFO["aes128-gcm@openssh.com"],
      cipherKey: Buffer.alloc(16),
      cipherIV: Buffer.alloc(12),
    },
  });
}

describe("ssh2/packet-memory", () => {
  it("is told apart by the name that the transport looks for", () =>
    assert.equal(theirs().constructor.name, "AESGCMCipherBinding"));

  it("lays packets out as ssh2 does, for every length", () => {
    const cipher = theirs();
    const lengths = [...Array.from({ length: 601 }, (_, length) => length), 32_768, 34_000];
    for (const length of lengths) {
      const [ours, reference] = [allocateGcmPacket(length), cipher.allocPacket(length)];
      assert.equal(ours.length, reference.length, `length of ${length}`);
      assert.deepEqual(ours.subarray(0, 5), reference.subarray(0, 5), `head of ${length}`);
      releasePacket(ours);
    }
  });

  it("fills the padding with what changes from packet to packet", () => {
    const paddings = Array.from({ length: 64 }, () => allocateGcmPacket(3).subarray(8, 20).toString("hex"));
    assert.equal(new Set(paddings).size, paddings.length);
  });

  it("joins packets that are neighbours, and no others", () => {
    const memory = Buffer.from("abcdefgh");
    const [ab, c, de, g, copy] = [
      memory.subarray(0, 2),
      memory.subarray(2, 3),
      memory.subarray(3, 5),
      memory.subarray(6, 7),
      Buffer.from("h"),
    ];
    assert.deepEqual(joinPackets([ab, c, de, g, copy]).map(String), ["abcde", "g", "h"]);
    assert.deepEqual(joinPackets([de, ab]).map(String), ["de", "ab"]);
    assert.deepEqual(joinPackets([c]).map(String), ["c"]);
  });

  it("never gives memory away that is still in use", () => {
    const live = Array.from({ length: 4000 }, (_, number) => {
      const packet = allocateGcmPacket(1000);
      packet.fill(number % 251);
      if (number % 3 > 0) return { packet, number };
      releasePacket(packet);
      return undefined;
    });
    for (const kept of live) if (kept) assert.ok(kept.packet.every((byte) => byte === kept.number % 251));
  });

  it("uses a slab again once all of it was released", () => {
    const buffers = new Set<ArrayBufferLike>();
    for (let count = 0; count < 4000; count++) {
      const packet = allocateGcmPacket(32_768);
      buffers.add(packet.buffer);
      releasePacket(packet);
    }
    assert.ok(buffers.size <= 2, `${buffers.size} slabs for packets that were never in use at once`);
  });

  it("takes packets back that it never gave", () => releasePacket(Buffer.alloc(100)));
});
