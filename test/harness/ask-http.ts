import { request, type IncomingHttpHeaders } from "node:http";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface HttpAsk {
  readonly method?: string;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a text as it is. */
  readonly body?: unknown;
  /** Leaves. */
  readonly signal?: AbortSignal;
}

/** One request on a connection of its own, POST unless said otherwise. */
export function askHttp(port: number, path: string, ask: HttpAsk = {}): Promise<HttpAnswer> {
  const { method = "POST", token, headers = {}, body, signal } = ask;
  const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const all = {
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...headers,
  };
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers: all, agent: false };
    const asked = request({ ...options, ...(signal && { signal }) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => {
        const said = Buffer.concat(chunks).toString();
        const parsed = said === "" ? {} : (JSON.parse(said) as HttpAnswer["body"]);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed });
      });
    });
    asked.on("error", reject);
    asked.end(text);
  });
}
