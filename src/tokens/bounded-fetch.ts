import { TokenError } from "./token-error.js";

/** Longest answer of an issuer: key sets of the large ones are some 10 KiB. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** Somebody waits for a login meanwhile. */
export const FETCH_WITHIN_MS = 5000;

/**
 * GETs JSON: https only, or http from this machine itself when `isLoopbackAllowed`; no redirect, no cookie, at most
 * ANSWER_BYTES_MAX within FETCH_WITHIN_MS. Throws TokenError `issuer-unreachable`.
 */
export async function fetchJson(address: string, isLoopbackAllowed: boolean): Promise<unknown> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isTrusted(url, isLoopbackAllowed))
    throw unreachable("its address is neither https nor this machine's");
  try {
    const signal = AbortSignal.timeout(FETCH_WITHIN_MS);
    const headers = { accept: "application/json, application/jwk-set+json" };
    const response = await fetch(url, { redirect: "error", credentials: "omit", headers, signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw unreachable(`it answered with status ${response.status}`);
    }
    return JSON.parse(await boundedText(response)) as unknown;
  } catch (error) {
    if (error instanceof TokenError) throw error;
    throw unreachable(reasonOf(error));
  }
}

/** Whether an address is one that nobody on the way can change the answer of. */
function isTrusted({ protocol, hostname }: URL, isLoopbackAllowed: boolean): boolean {
  return protocol === "https:" || (isLoopbackAllowed && protocol === "http:" && isLoopback(hostname));
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw unreachable(`it answered with more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** `fetch` hides the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

function unreachable(detail: string): TokenError {
  return new TokenError("issuer-unreachable", detail);
}
