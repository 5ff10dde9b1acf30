import { TokenError } from "./token-error.js";

/** What a compact JWS says about itself and its claims, none of it verified. */
export interface UnverifiedJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Nothing may tell us where to find a key, or carry one: keys come from our own file or the issuer's own address. */
const FORBIDDEN_HEADERS = ["jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"];

/**
 * Takes a compact JWS (RFC 7515 section 7.1) apart strictly: three parts of canonical base64url, header and claims JSON
 * objects in UTF-8, `charsMax` at most. Throws TokenError `malformed`; `wrong-kind` for a header that carries or points
 * at a key, or demands extensions.
 */
export function decodeCompactJws(text: string, charsMax: number): UnverifiedJws {
  if (text.length > charsMax) throw new TokenError("malformed", `longer than ${charsMax} characters`);
  const parts = text.split(".");
  const [header = "", claims = "", signature = ""] = parts;
  if (parts.length !== 3 || signature === "")
    throw new TokenError("malformed", "not three parts and a signature");
  canonicalBytes(signature);
  const decoded = { header: jsonObject(header), claims: jsonObject(claims) };
  const forbidden = FORBIDDEN_HEADERS.find((name) => Object.hasOwn(decoded.header, name));
  if (forbidden !== undefined) throw new TokenError("wrong-kind", `its header has ${forbidden}`);
  return decoded;
}

/** Node's decoder is lenient, so what it read is written again and compared. */
function canonicalBytes(part: string): Buffer {
  const bytes = Buffer.from(part, "base64url");
  if (bytes.toString("base64url") !== part) throw new TokenError("malformed", "a part is not base64url");
  return bytes;
}

function jsonObject(part: string): Record<string, unknown> {
  const bytes = canonicalBytes(part);
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // the native message would quote the token
  }
  throw new TokenError("malformed", "a part is not a JSON object");
}
