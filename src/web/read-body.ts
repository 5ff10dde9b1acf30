import { EXIT } from "../commands/index.js";
import { Refusal, STATUS } from "./answer.js";
import { duplicateKey } from "./duplicate-key.js";

/** Longest body: a certificate's key, or an OIDC token, and a sentence. */
export const BODY_BYTES_MAX = 64 * 1024;

const MEDIA_TYPE = /^application\/json *(; *charset="?utf-8"?)?$/i;

/**
 * Strictly reads a body as one JSON object: its type said, UTF-8, no key twice. No body at all stands for `{}`.
 * Throws Refusal. That it is not longer than BODY_BYTES_MAX was seen to before.
 */
export async function readObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength === 0) return {};
  if (!MEDIA_TYPE.test(request.headers.get("content-type") ?? ""))
    throw new Refusal(STATUS.wrongMediaType, EXIT.usage, "expected content-type: application/json");
  if (request.headers.has("content-encoding"))
    throw new Refusal(STATUS.wrongMediaType, EXIT.usage, "expected a body without content-encoding");
  const text = utf8(bytes);
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw badBody("expected a JSON object");
  if (duplicateKey(text)) throw badBody("expected each key once");
  return value as Record<string, unknown>;
}

function utf8(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw badBody("expected UTF-8");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badBody("expected JSON"); // the native message would quote what was sent
  }
}

function badBody(message: string): Refusal {
  return new Refusal(STATUS.usage, EXIT.usage, `body: ${message}`);
}
