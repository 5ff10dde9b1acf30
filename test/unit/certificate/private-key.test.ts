import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import {
  encodePrivateKey,
  generatePrivateKey,
  parsePrivateKey,
  verifySignature,
  WireWriter,
  type CertificateErrorCode,
  type PrivateKey,
} from "../../../src/certificate/index.js";
import { codeOf, rsaKey } from "./samples.js";

const keys: Record<string, PrivateKey> = {
  ed25519: generatePrivateKey("ed25519"),
  nistp256: generatePrivateKey("nistp256"),
  nistp384: generatePrivateKey("nistp384"),
  nistp521: generatePrivateKey("nistp521"),
  rsa: rsaKey(2048),
};
const sample = encodePrivateKey(keys.ed25519!, "alice");

function armor(file: Buffer): string {
  const lines = file.toString("base64").match(/.{1,70}/gu) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function dearmor(text: string): Buffer {
  return Buffer.from(text.split("\n").slice(1, -2).join(""), "base64");
}

/** The sample's file with the bytes at `at`, from the end when negative, replaced. */
function patched(at: number, ...bytes: number[]): string {
  const file = dearmor(sample);
  file.set(bytes, at < 0 ? file.length + at : at);
  return armor(file);
}

describe("certificate/private-key", () => {
  for (const [name, key] of Object.entries(keys)) {
    it(`reads back the ${name} key it wrote, comment and all`, () => {
      const again = parsePrivateKey(encodePrivateKey(key, "alice at work"));
      assert.deepEqual(again.public.blob, key.public.blob);
      assert.equal(again.comment, "alice at work");
      assert.ok(again.object.equals(key.object));
      const data = Buffer.from("data");
      const algorithm = name === "rsa" ? "rsa-sha2-512" : key.public.type;
      assert.equal(verifySignature(key.public, algorithm, again.sign(data), data).ok, true);
    });

    it(`reads a ${name} key in PEM, and encrypted with its passphrase only`, () => {
      const plain = key.object.export({ format: "pem", type: "pkcs8" }) as string;
      assert.deepEqual(parsePrivateKey(plain).public.blob, key.public.blob);
      const sealed = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "secret" } as const;
      const encrypted = key.object.export(sealed) as string;
      assert.equal(
        codeOf(() => parsePrivateKey(encrypted)),
        "encrypted-private-key",
      );
      assert.equal(
        codeOf(() => parsePrivateKey(encrypted, "guess")),
        "invalid-private-key",
      );
      assert.deepEqual(parsePrivateKey(encrypted, "secret").public.blob, key.public.blob);
    });
  }

  it("keeps a key without a comment without one", () => {
    assert.equal(parsePrivateKey(encodePrivateKey(keys.ed25519!)).comment, "");
  });

  it("reads back many small keys: leading zeros are where encoders differ", () => {
    for (let round = 0; round < 300; round++) {
      const key = generatePrivateKey(round % 6 === 0 ? "nistp256" : "ed25519");
      assert.deepEqual(parsePrivateKey(encodePrivateKey(key)).public.blob, key.public.blob);
    }
  });

  it("refuses every file with one byte changed, or reads the same key from it", () => {
    const file = dearmor(sample);
    for (let at = 0; at < file.length; at++) {
      let key;
      try {
        key = parsePrivateKey(patched(at, file.readUInt8(at) ^ 1));
      } catch (error) {
        codeOf(() => {
          throw error;
        });
        continue;
      }
      assert.deepEqual(key.public.blob, keys.ed25519?.public.blob); // the comment changed, say
    }
  });

  // From the end of the sample: "alice" and its length 9, padding 6; before it the second public half of ed25519.
  const padding = dearmor(sample).length - dearmor(sample).lastIndexOf("alice") - 5;
  /** The last byte of the second check number, which is random. */
  const checkAt = dearmor(sample).lastIndexOf("ssh-ed25519") - 5;
  const other = generatePrivateKey("ed25519");
  /** A file that has another's public half in some of its three places: outside, inside, behind the seed. */
  const swapped = (from: PrivateKey, to: PrivateKey, places: number[]): string => {
    const half = (key: PrivateKey): string => key.public.blob.subarray(-32).toString("hex");
    const parts = dearmor(encodePrivateKey(from)).toString("hex").split(half(from));
    assert.equal(parts.length, 4);
    const hex = parts.reduce((whole, part, place) => whole + half(places.includes(place) ? to : from) + part);
    return armor(Buffer.from(hex, "hex"));
  };
  const twoKeys = (): string => {
    const file = dearmor(sample);
    file.writeUInt32BE(2, "openssh-key-v1\0".length + 8 + 8 + 4);
    return armor(file);
  };
  const wrongPem = (): string => {
    const jwk = keys.nistp256!.object.export({ format: "jwk" });
    const [point, d] = [keys.nistp256!.public.blob.subarray(-65), Buffer.from(jwk.d ?? "", "base64url")];
    const mine = Buffer.from(keys.nistp256!.object.export({ format: "der", type: "pkcs8" })).toString("hex");
    const theirs = generatePrivateKey("nistp256").public.blob.subarray(-65);
    assert.ok(mine.includes(d.toString("hex")));
    const der = Buffer.from(mine.replace(point.toString("hex"), theirs.toString("hex")), "hex");
    return `-----BEGIN PRIVATE KEY-----\n${der.toString("base64")}\n-----END PRIVATE KEY-----\n`;
  };
  const ed448 = (): string =>
    generateKeyPairSync("ed448").privateKey.export({ format: "pem", type: "pkcs8" }) as string;
  const dsa = new WireWriter()
    .raw(Buffer.from("openssh-key-v1\0"))
    .string("none")
    .string("none")
    .string("")
    .uint32(1);
  const rsa1024 = (): string =>
    generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({
      format: "pem",
      type: "pkcs8",
    }) as string;

  const refused: [name: string, text: () => string, code: CertificateErrorCode][] = [
    ["empty", () => "", "invalid-private-key"],
    ["public-key", () => "ssh-ed25519 AAAA", "invalid-private-key"],
    ["text-before", () => `x\n${sample}`, "invalid-private-key"],
    ["text-after", () => `${sample}x\n`, "invalid-private-key"],
    ["no-last-line", () => sample.split("\n").slice(0, -2).join("\n"), "invalid-private-key"],
    ["blank-in-the-base64", () => sample.replace("AAAA", "AA AA"), "invalid-base64"],
    ["other-magic", () => patched(0, 0x4f), "invalid-private-key"],
    ["two-keys", twoKeys, "invalid-private-key"],
    ["trailing-byte", () => armor(Buffer.concat([dearmor(sample), Buffer.of(0)])), "trailing-bytes"],
    [
      "unlike-check-numbers",
      () => patched(checkAt, dearmor(sample).readUInt8(checkAt) ^ 1),
      "invalid-private-key",
    ],
    ["wrong-padding", () => patched(-padding, 9), "invalid-private-key"],
    ["public-half-of-another-outside", () => swapped(keys.ed25519!, other, [1]), "key-mismatch"],
    ["public-half-of-another-inside", () => swapped(keys.ed25519!, other, [2, 3]), "key-mismatch"],
    [
      "public-half-of-another-behind-the-seed",
      () => swapped(keys.ed25519!, other, [3]),
      "invalid-private-key",
    ],
    ["public-half-of-another-everywhere", () => swapped(keys.ed25519!, other, [1, 2, 3]), "key-mismatch"],
    ["pem-with-public-half-of-another", wrongPem, "key-mismatch"],
    ["private-section-missing", () => armor(dsa.string("").string("").finish()), "invalid-private-key"],
    ["ed448", ed448, "unsupported-type"],
    ["rsa-1024", rsa1024, "rsa-too-small"],
    ["endless", () => `${sample}${" ".repeat(65_536)}`, "too-long"],
  ];
  for (const [name, text, code] of refused) {
    it(`refuses ${name}`, () =>
      assert.equal(
        codeOf(() => parsePrivateKey(text())),
        code,
      ));
  }

  it("writes no comment that would break a line", () => {
    assert.equal(
      codeOf(() => encodePrivateKey(other, "a\nb")),
      "invalid-request",
    );
  });
});
