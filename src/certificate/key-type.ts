/** The plain public-key types we know (RFC 4253, 5656, 8709; PROTOCOL.u2f). No DSA. */
export type KeyType =
  | "ssh-ed25519"
  | "ecdsa-sha2-nistp256"
  | "ecdsa-sha2-nistp384"
  | "ecdsa-sha2-nistp521"
  | "ssh-rsa"
  | "sk-ssh-ed25519@openssh.com"
  | "sk-ecdsa-sha2-nistp256@openssh.com";

/** What a certificate of a key of some type calls itself (PROTOCOL.certkeys, PROTOCOL.u2f). */
export type CertificateType =
  | "ssh-ed25519-cert-v01@openssh.com"
  | "ecdsa-sha2-nistp256-cert-v01@openssh.com"
  | "ecdsa-sha2-nistp384-cert-v01@openssh.com"
  | "ecdsa-sha2-nistp521-cert-v01@openssh.com"
  | "ssh-rsa-cert-v01@openssh.com"
  | "sk-ssh-ed25519-cert-v01@openssh.com"
  | "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com";

/** What a signature may call itself. `ssh-rsa` (SHA-1) is not among them. */
export type SignatureAlgorithm = Exclude<KeyType, "ssh-rsa"> | "rsa-sha2-256" | "rsa-sha2-512";

interface KeyTypeTraits {
  readonly certificateType: CertificateType;
  readonly algorithms: readonly SignatureAlgorithm[];
}

const TRAITS: Readonly<Record<KeyType, KeyTypeTraits>> = {
  "ssh-ed25519": { certificateType: "ssh-ed25519-cert-v01@openssh.com", algorithms: ["ssh-ed25519"] },
  "ecdsa-sha2-nistp256": {
    certificateType: "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    algorithms: ["ecdsa-sha2-nistp256"],
  },
  "ecdsa-sha2-nistp384": {
    certificateType: "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    algorithms: ["ecdsa-sha2-nistp384"],
  },
  "ecdsa-sha2-nistp521": {
    certificateType: "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    algorithms: ["ecdsa-sha2-nistp521"],
  },
  "ssh-rsa": {
    certificateType: "ssh-rsa-cert-v01@openssh.com",
    algorithms: ["rsa-sha2-512", "rsa-sha2-256"],
  },
  "sk-ssh-ed25519@openssh.com": {
    certificateType: "sk-ssh-ed25519-cert-v01@openssh.com",
    algorithms: ["sk-ssh-ed25519@openssh.com"],
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": {
    certificateType: "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    algorithms: ["sk-ecdsa-sha2-nistp256@openssh.com"],
  },
};

/** Every plain key type, hence every certificate type. */
export const KEY_TYPES = Object.keys(TRAITS) as KeyType[];

const KEY_TYPE_BY_CERTIFICATE: ReadonlyMap<string, KeyType> = new Map(
  KEY_TYPES.map((type) => [TRAITS[type].certificateType, type]),
);

export function isKeyType(name: string): name is KeyType {
  return Object.hasOwn(TRAITS, name);
}

export function certificateTypeOf(type: KeyType): CertificateType {
  return TRAITS[type].certificateType;
}

/** The plain type inside a certificate type; undefined for any other name. */
export function keyTypeOfCertificate(name: string): KeyType | undefined {
  return KEY_TYPE_BY_CERTIFICATE.get(name);
}

/** The algorithms a key of this type may sign with, best first. */
export function algorithmsOf(type: KeyType): readonly SignatureAlgorithm[] {
  return TRAITS[type].algorithms;
}

const CERTIFICATE_SUFFIX = "-cert-v01@openssh.com";

/**
 * The name that stands inside a signature made under `name`: a login with a certificate is announced as
 * `rsa-sha2-512-cert-v01@openssh.com` and signed as `rsa-sha2-512` (PROTOCOL.certkeys).
 */
export function plainAlgorithm(name: string): string {
  if (!name.endsWith(CERTIFICATE_SUFFIX)) return name;
  const plain = name.slice(0, -CERTIFICATE_SUFFIX.length);
  return plain.startsWith("sk-") ? `${plain}@openssh.com` : plain;
}
