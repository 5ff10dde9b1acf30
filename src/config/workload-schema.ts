import type { Workload } from "../access/index.js";
import * as leaf from "./leaf.js";

/** An issuer is compared as it is written (OpenID Connect Core section 3.1.3.7), so what is not plain is no issuer. */
const ISSUER_CHARS_MAX = 512;

/** Claims that have a setting or a meaning of their own (RFC 7519 section 4.1). */
const RESERVED_CLAIMS: readonly string[] = ["iss", "aud", "exp", "nbf", "iat", "jti"];

const issuer = leaf.parsed(
  "an issuer's URL: https (http only on this machine), without user, ? or #",
  (text) =>
    text.length <= ISSUER_CHARS_MAX && /^[^?#]+$/.test(text) && isWebAddress(text) ? text : undefined,
);

const claimName = leaf.parsed(
  `a claim's name other than ${RESERVED_CLAIMS.join(", ")}`,
  (text) => (RESERVED_CLAIMS.includes(text) ? undefined : text),
  /^[\x21-\x7e]{1,128}$/,
);

const plainText = leaf.parsed(
  "a text of 1 to 255 printable characters",
  (text) => text,
  /^[\x20-\x7e]{1,255}$/,
);

/** What a robot's identity token must say. */
export function workload() {
  const claims = leaf
    .map(claimName, plainText, "claims and their values")
    .refine((value) => Object.keys(value).length > 0, {
      error: "expected at least one claim: without one, every workload of this issuer would be this identity",
    });
  return leaf.section({ issuer, audience: plainText, claims }).transform((given): Workload => given);
}

/** Whether a text is a URL over TLS, or over loopback, where nobody listens in; without a user in it. */
export function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) && /^https?:\/\/[^\s\\]+$/.test(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") return false;
  return url.protocol === "https:" || isLoopback(url.hostname);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
