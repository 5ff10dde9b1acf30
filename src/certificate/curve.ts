import type { KeyType } from "./key-type.js";

/** A NIST curve as SSH (RFC 5656), OpenSSL and JWK know it. */
export interface Curve {
  readonly name: "nistp256" | "nistp384" | "nistp521";
  readonly openssl: "prime256v1" | "secp384r1" | "secp521r1";
  readonly jwk: "P-256" | "P-384" | "P-521";
  readonly coordinateBytes: number;
  /** The hash RFC 5656 section 6.2.1 pairs with it. */
  readonly hash: "sha256" | "sha384" | "sha512";
  /** DER SubjectPublicKeyInfo up to the uncompressed point, which ends it. */
  readonly spkiPrefix: Buffer;
}

const P256: Curve = {
  name: "nistp256",
  openssl: "prime256v1",
  jwk: "P-256",
  coordinateBytes: 32,
  hash: "sha256",
  spkiPrefix: Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex"),
};

const P384: Curve = {
  name: "nistp384",
  openssl: "secp384r1",
  jwk: "P-384",
  coordinateBytes: 48,
  hash: "sha384",
  spkiPrefix: Buffer.from("3076301006072a8648ce3d020106052b81040022036200", "hex"),
};

const P521: Curve = {
  name: "nistp521",
  openssl: "secp521r1",
  jwk: "P-521",
  coordinateBytes: 66,
  hash: "sha512",
  spkiPrefix: Buffer.from("30819b301006072a8648ce3d020106052b8104002303818600", "hex"),
};

export const CURVES: readonly Curve[] = [P256, P384, P521];

/** The curve a key type is bound to; undefined when it has none. */
export function curveOf(type: KeyType): Curve | undefined {
  switch (type) {
    case "ecdsa-sha2-nistp256":
    case "sk-ecdsa-sha2-nistp256@openssh.com":
      return P256;
    case "ecdsa-sha2-nistp384":
      return P384;
    case "ecdsa-sha2-nistp521":
      return P521;
    default:
      return undefined;
  }
}
