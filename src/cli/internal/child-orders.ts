/**
 * What the supervisor tells a child on stdin, one line of JSON: the token must not be seen in an argument or the
 * environment. Stdin then stays open; its end means that the supervisor is gone.
 */
export interface ControlOrder {
  readonly config: string;
  readonly token: string;
  /** What the supervisor bound; the file may have said port 0. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where an earlier control process served HTTP, so that a later one comes back there. */
  readonly http?: { readonly host: string; readonly port: number };
}

export interface ProxyOrder {
  readonly socket: string;
  readonly token: string;
  readonly name: string;
  readonly log: string;
}

/** What control says on its stdout, a line of JSON each. */
export type ControlWord =
  | { readonly ready: true; readonly http?: { readonly host: string; readonly port: number } }
  | { readonly proxy: string }
  | { readonly failed: readonly string[]; readonly exit: number };

/** The descriptor of the listening socket in a proxy. */
export const LISTEN_FD = 3;

export interface Taken<T> {
  readonly order: T;
  readonly orphaned: AbortSignal;
}

/** Takes the order, and aborts `orphaned` when the supervisor is gone. Rejects when it never came. */
export function takeOrder<T extends ControlOrder | ProxyOrder>(): Promise<Taken<T>> {
  return new Promise((resolve, reject) => {
    const orphaned = new AbortController();
    let text = "";
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (chunk: string) => {
      text += chunk;
      const [line, ...rest] = text.split("\n");
      // from our own supervisor, over a pipe that nobody else has
      if (rest.length > 0) resolve({ order: JSON.parse(line ?? "") as T, orphaned: orphaned.signal });
    });
    process.stdin.on("end", () => {
      orphaned.abort();
      reject(new Error("the supervisor is gone"));
    });
    process.stdin.on("error", reject);
  });
}

/** The supervisor decides when to end: what a terminal sends to the whole group is for it. */
export function leaveSignalsToSupervisor(): void {
  for (const name of ["SIGINT", "SIGHUP"] as const) process.on(name, () => undefined);
}
