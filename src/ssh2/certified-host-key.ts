import type { KeyExchange, Ssh2Key } from "./insides.js";

/**
 * Host certificates (PROTOCOL.certkeys), which ssh2 does not have. The certificate blob stands in the exchange hash and on
 * the wire as K_S, while the signature is made by the plain key and named after it.
 */
const certificateSuffix = "-cert-v01@openssh.com";

/** `rsa-sha2-512-cert-v01@openssh.com` → `rsa-sha2-512`; a plain name stays. */
export function plainAlgorithm(name: string): string {
  return name.endsWith(certificateSuffix) ? name.slice(0, -certificateSuffix.length) : name;
}

export function isCertificateAlgorithm(name: string): boolean {
  return name.endsWith(certificateSuffix);
}

/** `rsa-sha2-512-cert-v01@openssh.com` → `ssh-rsa-cert-v01@openssh.com`, the type in the blob; all others stay. */
export function certificateTypeOf(name: string): string {
  return /^rsa-sha2-\d+-cert-/.test(name) ? `ssh-rsa${certificateSuffix}` : name;
}

/** A host key whose public half on the wire is a certificate. `convertSignature` of ssh2 passes Ed25519 through. */
export function certifiedHostKey(plain: Ssh2Key, certificate: Buffer): Ssh2Key {
  return {
    type: `${plain.type}${certificateSuffix}`,
    getPublicSSH: () => certificate,
    sign: (data, hash) => plain.sign(data, hash),
  };
}

/** Server: while the exchange finishes, the negotiated name reads as the plain one, so that the signature says so. */
export function signAsPlainKey(exchange: KeyExchange): void {
  const finish = exchange.finish.bind(exchange);
  exchange.finish = (serverToClientOnly) => {
    exchange.negotiated.serverHostKey = plainAlgorithm(exchange.negotiated.serverHostKey);
    delete (exchange as { finish?: unknown }).finish;
    return finish(serverToClientOnly);
  };
}

/**
 * Client: the certificate was accepted by the verifier. `finish` reads `_hostKey` first for the exchange hash, where it must
 * be the certificate, and then to parse the key that verifies the signature, where it must be the plain key inside it.
 */
export function verifyWithPlainKey(
  exchange: KeyExchange,
  { certificate, plainKey, algorithm }: { certificate: Buffer; plainKey: Buffer; algorithm: string },
): void {
  const finish = exchange.finish.bind(exchange);
  exchange.finish = (serverToClientOnly) => {
    delete (exchange as { finish?: unknown }).finish;
    exchange.negotiated.serverHostKey = plainAlgorithm(algorithm);
    let reads = 0;
    Object.defineProperty(exchange, "_hostKey", {
      configurable: true,
      get: () => (reads++ === 0 ? certificate : plainKey),
      set: (value: unknown) => {
        Object.defineProperty(exchange, "_hostKey", { configurable: true, writable: true, value });
      },
    });
    return finish(serverToClientOnly);
  };
}
