/**
 * What each leg offers. No SHA-1, no CBC, no NIST curves in the key exchange, encrypt-then-MAC only.
 */
export const hybridKeyExchange = "mlkem768x25519-sha256";

const keyExchanges = [hybridKeyExchange, "curve25519-sha256", "curve25519-sha256@libssh.org"];
const macs = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"];

const aesGcm = ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com"];
const everyCipher = [...aesGcm, "chacha20-poly1305@openssh.com", "aes256-ctr", "aes128-ctr"];

/** Host-key algorithms that a target may show, strongest first; certificates only where a host CA is configured. */
const plainHostKeys = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];
const certifiedHostKeys = plainHostKeys.map((name) => `${name}-cert-v01@openssh.com`);

/** Signature algorithms accepted from users (RFC 8308 `server-sig-algs`); never `ssh-rsa`, which is SHA-1. */
export const userSignatureAlgorithms = [
  "ssh-ed25519",
  "sk-ssh-ed25519@openssh.com",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** The name-lists of a KEXINIT, as ssh2's `KexInit` takes them. */
export interface Offer {
  kex: string[];
  serverHostKey: string[];
  cs: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] };
  sc: { cipher: string[]; mac: string[]; compress: string[]; lang: string[] };
}

function offer(hostKeys: readonly string[], ciphers: readonly string[]): Offer {
  const direction = () => ({ cipher: [...ciphers], mac: [...macs], compress: ["none"], lang: [] });
  return { kex: [...keyExchanges], serverHostKey: [...hostKeys], cs: direction(), sc: direction() };
}

/**
 * The offer towards a client. The client's first choice wins, and OpenSSH's is ChaCha20 or AES-CTR, which cost several
 * times more than AES-GCM; every OpenSSH since 6.2 (2013) has AES-GCM, so it is shown nothing else.
 */
export function serverOffer(hostKeyAlgorithms: readonly string[], clientSoftware: string): Offer {
  return offer(hostKeyAlgorithms, clientSoftware.startsWith("OpenSSH_") ? aesGcm : everyCipher);
}

/** The offer towards a target; `accepts` says whether the inventory knows plain keys, a host CA, or both. */
export function clientOffer(accepts: { plain: boolean; certified: boolean }): Offer {
  const hostKeys = [...(accepts.certified ? certifiedHostKeys : []), ...(accepts.plain ? plainHostKeys : [])];
  return offer(hostKeys, everyCipher);
}
