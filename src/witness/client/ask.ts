/** What came back from a witness, whole and within bounds; attacker-controlled. Or why nothing did. */
export type Asked =
  | { readonly kind: "answer"; readonly status: number; readonly mediaType: string; readonly body: Buffer }
  /** `detail` is made of nothing that the witness wrote. */
  | { readonly kind: "slow" | "away" | "too-large"; readonly detail: string };

/** POSTs `body` to a witness; never rejects. Ends soon after `signal` aborts. */
export type Ask = (url: string, body: string, signal: AbortSignal) => Promise<Asked>;

/** It checks a proof and syncs a disk, on the other side of the world at most. */
const ANSWER_WITHIN_MS = 10_000;

/** Some lines of some kB each; those of post-quantum keys, which we do not read, included. */
export const ANSWER_BYTES_MAX = 64 * 1024;

/** Over the network. No redirect is followed: whoever answers is who was configured. */
export async function askByFetch(
  url: string,
  body: string,
  signal: AbortSignal,
  withinMs = ANSWER_WITHIN_MS,
): Promise<Asked> {
  const late = AbortSignal.timeout(withinMs);
  const over = new AbortController();
  try {
    const headers = { "content-type": "text/plain; charset=utf-8", "user-agent": "bascule" };
    const ending = AbortSignal.any([signal, late, over.signal]);
    const response = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal: ending });
    const mediaType = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
    const bytes = await boundedBody(response);
    if (bytes === undefined)
      return { kind: "too-large", detail: `it answered with more than ${ANSWER_BYTES_MAX} bytes` };
    return { kind: "answer", status: response.status, mediaType, body: bytes };
  } catch (error) {
    if (late.aborted && !signal.aborted)
      return { kind: "slow", detail: `no answer within ${withinMs / 1000} s` };
    return { kind: "away", detail: networkError(error) };
  } finally {
    over.abort(); // what was not read is not waited for
  }
}

async function boundedBody({ body }: Response): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const CODE = /^[A-Z][A-Z0-9_]{2,40}$/u;

/** The system's or the TLS library's code (`ECONNREFUSED`, `CERT_HAS_EXPIRED`). */
function networkError(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  for (const one of [cause, ...(cause instanceof AggregateError ? (cause.errors as unknown[]) : []), error]) {
    const code = (one as { code?: unknown } | undefined)?.code;
    if (typeof code === "string" && CODE.test(code)) return code;
  }
  return "it could not be reached";
}
