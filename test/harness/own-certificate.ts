import { generateKeyPairSync, sign } from "node:crypto";

/** An X.509 certificate of its own for `localhost` and 127.0.0.1, with its key, both PEM. */
export interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
}

const Tag = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  time: 0x17,
};
const ECDSA_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]; // 1.2.840.10045.4.3.2
const DAY_MS = 86_400_000;

/** Makes one that is good for a day either way, as far as RFC 5280 is needed for that: Node itself makes none. */
export function ownCertificate(): OwnCertificate {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(Tag.sequence, der(Tag.oid, Buffer.from(ECDSA_SHA256)));
  const commonName = der(Tag.sequence, oid(0x55, 0x04, 0x03), der(Tag.utf8, Buffer.from("localhost")));
  const name = der(Tag.sequence, der(Tag.set, commonName));
  const validity = der(Tag.sequence, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS));
  const names = der(Tag.sequence, der(0x82, Buffer.from("localhost")), der(0x87, Buffer.of(127, 0, 0, 1)));
  const extensions = der(
    Tag.sequence,
    der(Tag.sequence, oid(0x55, 0x1d, 0x11), der(Tag.octets, names)), // subjectAltName
    der(Tag.sequence, oid(0x55, 0x1d, 0x13), der(Tag.octets, der(Tag.sequence, Buffer.of(0x01, 0x01, 0xff)))), // a CA
  );
  const signed = der(
    Tag.sequence,
    ...[
      der(0xa0, der(Tag.integer, Buffer.of(2))),
      der(Tag.integer, Buffer.of(1)),
      algorithm,
      name,
      validity,
      name,
    ],
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = der(Tag.bits, Buffer.of(0), sign("sha256", signed, privateKey));
  const cert = der(Tag.sequence, signed, algorithm, signature);
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${cert.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

function oid(...bytes: number[]): Buffer {
  return der(Tag.oid, Buffer.from(bytes));
}

function time(ms: number): Buffer {
  const text = new Date(ms)
    .toISOString()
    .replaceAll(/[-:T]|\.\d+/gu, "")
    .slice(2);
  return der(Tag.time, Buffer.from(text));
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), body]);
}
