import { EXIT } from "../commands/index.js";
import { Refusal, STATUS } from "./answer.js";
import { duplicateKey } from "./duplicate-key.js";

/** Longest body: a certificate's key, or an OIDC token, and a sentence. */
export const BODY_BYTES_MAX = 64 * 1024;

const MEDIA_TYPE = /^application\/json *(; *charset="?utf-8"?)?$/i;

/**
 * Strictly reads a body as one JSON object: its type said, UTF-8, no key twice. No body at all stands for `{}`.
 * Throws Refusal; what is longer than BODY_BYTES_MAX is not read to its end.
 */
export async function readObject(request: Request): Promise<Readonly<Record<string, unknown>>> {
  const bytes = await boundedBytes(request);
  if (bytes.length === 0) return {};
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

async function boundedBytes({ body, headers }: Request): Promise<Buffer> {
  checkLength(Number(headers.get("content-length") ?? 0)); // what says that it is too long is not read at all
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      checkLength((length += chunk.length));
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof Refusal ? error : badBody("it was broken off");
  }
  return Buffer.concat(chunks);
}

function checkLength(bytes: number): void {
  if (bytes > BODY_BYTES_MAX)
    throw new Refusal(STATUS.tooLarge, EXIT.usage, `body: expected at most ${BODY_BYTES_MAX} bytes`);
}

function utf8(bytes: Uint8Array): string {
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
