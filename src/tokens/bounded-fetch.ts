import { request as requestPlain, type IncomingMessage } from "node:http";
import { request as requestOverTls } from "node:https";
import { TokenError } from "./token-error.js";

/** Longest answer of an issuer: key sets of the large ones are some 10 KiB. */
const ANSWER_BYTES_MAX = 256 * 1024;
/** Somebody waits for a login meanwhile. */
export const FETCH_WITHIN_MS = 5000;

/**
 * GETs JSON: over TLS only, or without from this machine itself when `isLoopbackAllowed`; no redirect is followed, and at
 * most ANSWER_BYTES_MAX are taken within FETCH_WITHIN_MS. Throws TokenError `issuer-unreachable`.
 */
export async function fetchJson(address: string, isLoopbackAllowed: boolean): Promise<unknown> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isTrusted(url, isLoopbackAllowed))
    throw unreachable("its address is neither https nor this machine's");
  const over = new AbortController();
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(FETCH_WITHIN_MS), over.signal]);
    const answer = await get(url, signal);
    if (answer.statusCode !== 200) throw unreachable(`it answered with status ${answer.statusCode ?? 0}`);
    return JSON.parse(await boundedText(answer)) as unknown;
  } catch (error) {
    if (error instanceof TokenError) throw error;
    throw unreachable(error instanceof Error ? error.message : String(error));
  } finally {
    over.abort(); // what was not read is not waited for
  }
}

/** Whether an address is one that nobody on the way can change the answer of. */
function isTrusted({ protocol, hostname }: URL, isLoopbackAllowed: boolean): boolean {
  return protocol === "https:" || (isLoopbackAllowed && protocol === "http:" && isLoopback(hostname));
}

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** A connection of its own, that ends with the answer. */
function get(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestOverTls : requestPlain;
  const headers = { accept: "application/json, application/jwk-set+json", "user-agent": "bascule" };
  return new Promise((resolve, reject) => {
    request(url, { agent: false, headers, signal }, resolve).on("error", reject).end();
  });
}

async function boundedText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw unreachable(`it answered with more than ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function unreachable(detail: string): TokenError {
  return new TokenError("issuer-unreachable", detail);
}
