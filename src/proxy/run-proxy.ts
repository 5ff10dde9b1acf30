import { checkSsh2 } from "../ssh2/index.js";
import { Listener } from "./listener.js";
import type { ProxyLog } from "./log.js";
import { Proxy } from "./proxy.js";

export interface ProxyOptions {
  /** A bound TCP descriptor, shared with the other proxies. */
  readonly listenFd: number;
  /** Path of control's unix socket for proxies. */
  readonly socket: string;
  readonly token: string;
  readonly name: string;
  readonly log: ProxyLog;
  /** Aborted when the supervisor is gone: stop listening, let live sessions reach their end. */
  readonly orphaned: AbortSignal;
}

/** Sessions that are being closed get this long to seal their recordings when the proxy shuts down. */
const shutdownMs = 5000;

/** Runs one proxy until control says shutdown, or until its last session has ended after it was orphaned. */
export async function runProxy(options: ProxyOptions): Promise<void> {
  const { log } = options;
  const { version, nativeCiphers } = await checkSsh2();
  log.info({ ssh2: version, nativeCiphers }, "ssh2 checked");
  await new Promise<void>((resolve) => {
    const shutdown = (text: string) => {
      listener.stopAccepting();
      for (const session of proxy.sessions.values()) session.cut({ reason: "shutdown", text });
      listener.disconnectAll(`bascule: ${text}`);
      const deadlineMs = performance.now() + shutdownMs;
      const timer = setInterval(() => {
        if (proxy.sessions.size > 0 && performance.now() < deadlineMs) return;
        clearInterval(timer);
        resolve();
      }, 20);
    };
    const proxy: Proxy = new Proxy(options, log, (text) => shutdown(text));
    const listener: Listener = new Listener(proxy, options.listenFd);
    options.orphaned.addEventListener("abort", () => {
      log.warn({ sessions: proxy.sessions.size }, "supervisor is gone; no new connections");
      listener.stopAccepting();
      setInterval(() => {
        if (proxy.sessions.size === 0) resolve();
      }, 1000);
    });
  });
}
