import type { AddressInfo } from "node:net";
import { parsePublicKeyLine } from "../certificate/index.js";
import { Server, setNoDelay, type AuthContext, type Connection } from "../ssh2/index.js";
import { decideLogin, type AcceptedLogin, type LoginRules } from "./login.js";
import { loginShell } from "./program.js";
import { serveSession } from "./session.js";

export interface DemoTargetOptions {
  readonly listenHost: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** OpenSSH private-key text. */
  readonly hostKey: string;
  /** A public-key line: whose user certificates open a login of the same name as a principal. */
  readonly trustedUserCa: string;
  readonly logins: readonly string[];
  /** The folder that holds each login's home; made when missing. */
  readonly homes: string;
  /** Told about what an operator wants to know, in one line. */
  readonly log?: (line: string) => void;
}

export interface RunningDemoTarget {
  readonly port: number;
  /** Ends every connection and what it runs, and no longer listens. */
  close(): Promise<void>;
}

/** How long a client may take to log in. */
const loginMs = 30_000;
/** OpenSSH tries every key that an agent has before it gives up. */
const attemptsMax = 20;
const connectionsMax = 100;
const offer = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"] as const,
  cipher: ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"] as const,
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"] as const,
};

/**
 * Runs the demo target in this process.
 *
 * @throws CertificateError when the CA's line is no public key
 * @throws when the host key cannot be read or the port is taken (`EADDRINUSE`)
 */
export async function runDemoTarget(options: DemoTargetOptions): Promise<RunningDemoTarget> {
  const rules = { trustedUserCa: parsePublicKeyLine(options.trustedUserCa).key, logins: options.logins };
  const algorithms = { kex: [...offer.kex], cipher: [...offer.cipher], hmac: [...offer.hmac] };
  const connections = new Set<Connection>();
  const server = new Server({ hostKeys: [options.hostKey], ident: "bascule-demo", algorithms });
  server.maxConnections = connectionsMax;
  server.on("connection", (connection, { ip }) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    serveConnection(connection, ip, rules, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.listenHost, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const connection of connections) connection.end();
    });
  return { port, close };
}

function serveConnection(
  connection: Connection,
  ip: string,
  rules: LoginRules,
  options: DemoTargetOptions,
): void {
  const { homes, log = () => undefined } = options;
  let login: AcceptedLogin | undefined;
  let attempts = 0;
  connection.on("error", (error) => log(`connection from ${ip}: ${error.message}`));
  setNoDelay(connection);
  const tooLate = setTimeout(() => connection.end(), loginMs);
  connection.on("close", () => clearTimeout(tooLate));

  connection.on("authentication", (context: AuthContext) => {
    if (++attempts > attemptsMax) {
      connection.end();
      return;
    }
    if (context.method !== "publickey") {
      context.reject(["publickey"]);
      return;
    }
    const { key, signature, blob, username } = context;
    const proof = signature === undefined || blob === undefined ? undefined : { signature, signed: blob };
    const attempt = { login: username, algorithm: key.algo, key: key.data, clientAddress: ip };
    const decision = decideLogin(
      { ...attempt, ...(proof === undefined ? {} : { proof }) },
      rules,
      Date.now(),
    );
    if (!decision.ok) {
      // A client offers its plain keys as well, and before or after the certificate: that is no news.
      if (key.algo.includes("-cert-")) log(`login from ${ip} refused: ${decision.detail}`);
      context.reject(["publickey"]);
      return;
    }
    // Only what was signed for counts; without a signature this says no more than «go on and sign».
    if (proof !== undefined) login = decision;
    context.accept();
  });
  connection.on("ready", () => {
    clearTimeout(tooLate);
    connection.on("session", (accept) => {
      if (login === undefined) throw new Error("a session before any login");
      const path = process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin";
      serveSession(accept(), login, { homes, shell: loginShell, path, clientAddress: ip });
    });
  });
}
