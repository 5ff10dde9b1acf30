// Every length and count in this room. Lengths are bytes. What exceeds one is `too-long` or `too-many`.

/** A whole certificate: the largest RSA key, the largest RSA CA and 16 KiB of text fit; a login packet does too. */
export const CERTIFICATE_BYTES_MAX = 32_768;
/** A plain public key: RSA of 16384 bits and its framing. */
export const PUBLIC_KEY_BYTES_MAX = 4_096;
/** A signature with its algorithm name: RSA of 16384 bits and its framing. */
export const SIGNATURE_BYTES_MAX = 4_096;
/** Key type, algorithm, curve and option names; the longest in use has 47. */
export const NAME_BYTES_MAX = 128;
/** ssh-keygen writes 32. */
export const NONCE_BYTES_MAX = 64;
/** What we ask of a nonce when we issue: the collision bound of SHA-256's half. */
export const NONCE_BYTES_MIN = 16;
export const KEY_ID_BYTES_MAX = 1_024;
/** Names of people, logins and hosts (a DNS name has at most 253). */
export const PRINCIPAL_BYTES_MAX = 256;
/** As OpenSSH's SSHKEY_CERT_MAX_PRINCIPALS. */
export const PRINCIPALS_MAX = 256;
/** Critical options, and extensions: a dozen exist. */
export const OPTIONS_MAX = 64;
/** One option's data: a forced command or a list of addresses. */
export const OPTION_BYTES_MAX = 8_192;
/** Entries in one source-address list. */
export const ADDRESSES_MAX = 256;
/** What a hardware key is bound to, `ssh:` and a name. */
export const APPLICATION_BYTES_MAX = 256;
/** Factoring below this is within reach of a state today (NIST SP 800-131A). */
export const RSA_BITS_MIN = 2_048;
/** As OpenSSH: verifying grows with the square, and strangers choose the key. */
export const RSA_BITS_MAX = 16_384;
/** OpenSSL takes no larger exponent with a modulus above 3072 bits; everyone uses 65537. */
export const RSA_EXPONENT_BYTES_MAX = 8;
/** A key or certificate line: base64 of the largest certificate, its type, a comment. */
export const LINE_CHARS_MAX = 50_000;
/** A private-key file: RSA of 16384 bits, twice base64's overhead. */
export const PRIVATE_KEY_CHARS_MAX = 65_536;
