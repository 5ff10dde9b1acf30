import { EvidenceError } from "./evidence-error.js";
import type { EvidenceSource } from "./evidence-source.js";

/** No byte for so long, and a server is taken for dead; a large file may take as long as it likes. */
const IDLE_MS = 30_000;
/** What OpenSSL and Node call a certificate that is none for us. */
const UNTRUSTED =
  /^(CERT_|ERR_TLS_CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|HOSTNAME_MISMATCH)/u;
const PATH = /^(ledger|recordings|archive)(\/[A-Za-z0-9._-]+)+$/u;

export interface UrlSourceOptions {
  /** For the bastion's own API: an auditor's bearer token. Never sent anywhere but to that address. */
  readonly token?: string | undefined;
  /** Instead of IDLE_MS. */
  readonly idleMs?: number | undefined;
}

/**
 * The evidence at an address: a home as any server of static files shows it, or `…/v1/evidence` of the bastion itself. Nothing can
 * be listed there, so files that nobody asks for are not seen. Throws EvidenceError `address-invalid` for what is no http address.
 */
export function urlSource(address: string, options: UrlSourceOptions = {}): EvidenceSource {
  const base = baseOf(address);
  const fetched = (path: string) => get(base, path, options);
  return {
    name: address,
    hasArchive: true, // asked for by name; one that is not there is missing
    show: (path) => path,
    read: async (path, bytesMax) => {
      const body = await fetched(path);
      if (body === undefined) return undefined;
      const pieces: Buffer[] = [];
      let length = 0;
      for await (const piece of body) {
        pieces.push(piece);
        length += piece.length;
        if (length > bytesMax) break;
      }
      return Buffer.concat(pieces).subarray(0, bytesMax + 1);
    },
    open: fetched,
    list: () => Promise.resolve(undefined),
  };
}

function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isOurs = url !== undefined && /^https?:$/u.test(url.protocol) && url.username + url.password === "";
  if (!isOurs || url.search + url.hash !== "")
    throw new EvidenceError(
      "address-invalid",
      "expected an address such as https://host/v1/evidence, without more",
    );
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

/** The bytes at a path; undefined when the server says that there are none. A redirect is not followed: a token would go along. */
async function get(
  base: URL,
  path: string,
  { token, idleMs = IDLE_MS }: UrlSourceOptions,
): Promise<AsyncIterable<Buffer> | undefined> {
  if (!PATH.test(path) || path.split("/").includes(".."))
    throw new TypeError(`not a path of evidence: ${path}`);
  const idle = new IdleTimer(idleMs);
  const headers = {
    "accept-encoding": "identity", // every byte as it is
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const url = new URL(path, base);
  try {
    const response = await fetch(url, { headers, redirect: "manual", signal: idle.signal });
    if (response.status === 200) return pieces(response, url.href, idle);
    await response.body?.cancel();
    idle.end();
    if (response.status === 404) return undefined;
    throw refused(response, url.href);
  } catch (error) {
    idle.end();
    throw asUnreachable(error, url.href);
  }
}

async function* pieces(response: Response, where: string, idle: IdleTimer): AsyncGenerator<Buffer, void> {
  try {
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      idle.end();
      yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
      idle.start();
    }
  } catch (error) {
    throw asUnreachable(error, where);
  } finally {
    idle.end();
  }
}

function refused({ status, headers }: Response, where: string): EvidenceError {
  const to = headers.get("location");
  if (status >= 300 && status < 400 && to !== null) {
    const place = URL.canParse(to, where) ? new URL(to, where).href : "elsewhere";
    return new EvidenceError("address-invalid", `${where}: it points to ${place}: give that address`, {
      where,
    });
  }
  const why: Readonly<Record<number, string>> = {
    401: "it wants an auditor's token: --token FILE",
    403: "the token is not an auditor's",
    429: "too many requests",
  };
  const what = why[status] ?? `status ${status}`;
  const code = status === 401 || status === 403 ? "unreadable" : "unreachable";
  return new EvidenceError(code, `${where}: ${what}`, { where });
}

function asUnreachable(error: unknown, where: string): unknown {
  if (error instanceof EvidenceError || !(error instanceof Error)) return error;
  const cause = error.cause instanceof Error ? error.cause.message : error.message;
  const { code = "" } = (error.cause ?? {}) as NodeJS.ErrnoException;
  if (UNTRUSTED.test(code)) {
    const message = `${where}: its certificate is not to be trusted (${code}): that of its CA goes into NODE_EXTRA_CA_CERTS`;
    return new EvidenceError("not-trusted", message, { where, cause: error });
  }
  return new EvidenceError("unreachable", `cannot reach ${where}: ${cause}`, { where, cause: error });
}

/** Aborts when nothing has come for too long. Whoever is slow to take what came is not at fault: time runs only while we wait. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  start(): void {
    this.#timer = setTimeout(() => this.#controller.abort(new Error("no answer in time")), this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
