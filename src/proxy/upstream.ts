import {
  CertificateError,
  decodeCertificate,
  decodePublicKey,
  verifyCertificate,
} from "../certificate/index.js";
import type { TargetLogin, UpstreamTarget } from "../rpc/index.js";
import {
  dial,
  message,
  Transport,
  type EphemeralKey,
  type RekeyPolicy,
  type TransportEnd,
} from "../ssh2/index.js";
import { WireReader, WireWriter } from "../wire/index.js";

/** Why there is no upstream leg. */
export type UpstreamFailureCode =
  | "target-unreachable"
  | "target-silent"
  | "target-host-key"
  | "target-login-refused"
  | "target-protocol"
  | "client-left"
  | "session-cut";

/** A target that cannot be used. `message` is for the operator, `text` for the user. */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly code: UpstreamFailureCode;
  readonly text: string;

  constructor(code: UpstreamFailureCode, text: string, detail: string) {
    super(`${code}: ${detail}`);
    this.code = code;
    this.text = text;
  }
}

export interface UpstreamRequest {
  /** The name in the inventory, for texts and host certificates. */
  readonly name: string;
  readonly address: UpstreamTarget;
  readonly login: string;
  readonly how: TargetLogin;
  readonly key: EphemeralKey;
  readonly rekey: RekeyPolicy;
  readonly timeoutMs: number;
  /** Aborted when the session must not come about any more. */
  readonly signal: AbortSignal;
  /** Signs with a key that only control holds. Gives a signature in SSH wire form. */
  signLogin(data: Buffer): Promise<Buffer>;
  /** The target's own banner (RFC 4252 section 5.4). attacker-controlled, if the target is. */
  onBanner(text: string): void;
}

/** What the leg calls once it stands; set by the session before any message can arrive. */
export interface UpstreamEvents {
  onMessage(payload: Buffer): void;
  onDrain(): void;
  onEnd(end: TransportEnd): void;
}

/** All banners of one login together; what is over it is not shown. */
const bannerBytesMax = 64 * 1024;

/** The upstream leg, authenticated. `listen` is called in the turn in which it is given. */
export interface Upstream {
  readonly transport: Transport;
  listen(events: UpstreamEvents): void;
}

/**
 * Dials the target, checks its host key or host certificate against the inventory (never on trust), and logs in.
 * Rejects with `UpstreamError`.
 */
export function dialTarget(request: UpstreamRequest): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    new Dial(request, resolve, reject);
  });
}

class Dial {
  readonly #request: UpstreamRequest;
  readonly #resolve: (upstream: Upstream) => void;
  readonly #reject: (error: UpstreamError) => void;
  readonly #transport: Transport;
  readonly #timer: NodeJS.Timeout;
  readonly #onAbort: () => void;
  #events: UpstreamEvents | undefined;
  /** What came behind the target's success, before anybody listened. */
  readonly #early: Buffer[] = [];
  #earlyEnd: TransportEnd | undefined;
  #bannerBytes = 0;
  #connected = false;
  #settled = false;
  #loginSent = false;

  constructor(
    request: UpstreamRequest,
    resolve: (upstream: Upstream) => void,
    reject: (error: UpstreamError) => void,
  ) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
    const { host, port, hostKeys, hostCas } = request.address;
    const channel = dial(
      { host, port },
      {
        onConnect: () => (this.#connected = true),
        onError: (error) => this.#onSocketError(error),
      },
    );
    this.#timer = setTimeout(
      () => this.#fail("target-silent", `did not answer within ${request.timeoutMs / 1000} s`, "timeout"),
      request.timeoutMs,
    );
    const { signal } = request;
    this.#onAbort = () =>
      this.#fail("session-cut", "is not connected to any more", "cut while it was dialled");
    signal.addEventListener("abort", this.#onAbort);
    this.#transport = new Transport(
      channel,
      {
        role: "client",
        accepts: { plain: hostKeys.length > 0, certified: hostCas.length > 0 },
        verifyHostKey: (key) => verifyHostKey(key, request),
      },
      request.rekey,
      {
        onReady: () =>
          this.#send(new WireWriter().byte(message.serviceRequest).string("ssh-userauth").finish()),
        onMessage: (payload) => this.#onMessage(payload),
        onDrain: () => this.#events?.onDrain(),
        onEnd: (end) => this.#onEnd(end),
      },
    );
    if (signal.aborted) this.#onAbort();
  }

  #send(payload: Buffer): void {
    this.#transport.send(payload);
  }

  #onMessage(payload: Buffer): void {
    if (this.#settled) {
      if (this.#events) this.#events.onMessage(payload);
      else this.#early.push(Buffer.from(payload));
      return;
    }
    try {
      this.#authenticate(payload);
    } catch (error) {
      this.#fail("target-protocol", "does not speak SSH as it should", String(error));
    }
  }

  #authenticate(payload: Buffer): void {
    switch (payload[0]) {
      case message.serviceAccept:
        if (!this.#loginSent) void this.#login();
        return;
      case message.userauthBanner:
        this.#onBanner(new WireReader(payload, 1).string());
        return;
      case message.userauthSuccess:
        if (this.#loginSent) this.#succeed();
        return;
      case message.userauthFailure:
        this.#fail(
          "target-login-refused",
          `refused the bastion's login as ${this.#request.login}: does it trust the target CA (TrustedUserCAKeys)?`,
          "userauth failure",
        );
        return;
      default:
    }
  }

  /** For people's eyes: a text that is not UTF-8 is no reason to refuse the target. */
  #onBanner(text: Buffer): void {
    this.#bannerBytes += text.length;
    if (this.#bannerBytes <= bannerBytesMax) this.#request.onBanner(text.toString("utf8"));
  }

  /** RFC 4252 section 7; the certificate's name is the algorithm, the signature inside is named after the plain key. */
  async #login(): Promise<void> {
    this.#loginSent = true;
    const { how, login, key } = this.#request;
    const blob = Buffer.from(how.kind === "certificate" ? how.certificate : how.publicKey, "base64");
    const announced = how.kind === "certificate" ? new WireReader(blob).text() : loginAlgorithm(blob);
    const body = new WireWriter()
      .byte(message.userauthRequest)
      .string(login)
      .string("ssh-connection")
      .string("publickey")
      .boolean(true)
      .string(announced)
      .string(blob)
      .finish();
    const data = new WireWriter().string(this.#transport.sessionId).raw(body).finish();
    try {
      const signature =
        how.kind === "certificate"
          ? new WireWriter().string("ssh-ed25519").string(key.sign(data)).finish()
          : await this.#request.signLogin(data);
      this.#send(new WireWriter().raw(body).string(signature).finish());
    } catch (error) {
      this.#fail("target-login-refused", "cannot be logged in to just now; try again", String(error));
    }
  }

  #settle(): void {
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#request.signal.removeEventListener("abort", this.#onAbort);
  }

  #succeed(): void {
    this.#settle();
    this.#resolve({
      transport: this.#transport,
      listen: (events) => {
        this.#events = events;
        queueMicrotask(() => this.#catchUp(events));
      },
    });
  }

  #catchUp(events: UpstreamEvents): void {
    for (const payload of this.#early.splice(0)) events.onMessage(payload);
    if (this.#earlyEnd) events.onEnd(this.#earlyEnd);
  }

  #onEnd(end: TransportEnd): void {
    if (this.#settled) {
      if (this.#events) this.#events.onEnd(end);
      else this.#earlyEnd = end;
      return;
    }
    if (end.code === "HOST_KEY_REFUSED")
      this.#fail(
        "target-host-key",
        "showed a host key that is not the one in the inventory; nothing was sent to it. Tell an admin",
        end.detail,
      );
    else if (end.code === "PROTOCOL_ERROR")
      this.#fail("target-protocol", "does not speak SSH as it should", end.detail);
    else if (this.#connected)
      this.#fail("target-protocol", "closed the connection before the login", end.detail);
  }

  #onSocketError(error: Error): void {
    if (this.#connected)
      this.#fail("target-protocol", "closed the connection before the login", error.message);
    else this.#fail("target-unreachable", `cannot be reached (${shortReason(error)})`, error.message);
  }

  #fail(code: UpstreamFailureCode, what: string, detail: string): void {
    if (this.#settled) return;
    this.#settle();
    this.#transport.destroy();
    this.#reject(new UpstreamError(code, `bascule: ${this.#request.name} ${what}.`, detail));
  }
}

function verifyHostKey(
  shown: Buffer,
  { name, address }: UpstreamRequest,
): { ok: true; plainKey: Buffer } | { ok: false } {
  const shownText = shown.toString("base64");
  if (address.hostKeys.includes(shownText)) return { ok: true, plainKey: shown };
  try {
    const certificate = decodeCertificate(shown);
    const trusted = address.hostCas.map((ca) => decodePublicKey(Buffer.from(ca, "base64")));
    // a key that the inventory knows by itself needs no authority: OpenSSH sees it in the same way
    if (address.hostKeys.includes(certificate.key.blob.toString("base64")))
      return { ok: true, plainKey: certificate.key.blob };
    const good = [name, address.host].some(
      (principal) =>
        verifyCertificate(certificate, {
          kind: "host",
          trusted,
          principal,
          nowMs: Date.now(),
          isRevoked: () => false,
        }).ok,
    );
    return good ? { ok: true, plainKey: certificate.key.blob } : { ok: false };
  } catch (error) {
    if (error instanceof CertificateError) return { ok: false };
    throw error;
  }
}

/** An RSA key signs as `rsa-sha2-512`; the others as what they are. */
function loginAlgorithm(blob: Buffer): string {
  const type = new WireReader(blob).text();
  return type === "ssh-rsa" ? "rsa-sha2-512" : type;
}

function shortReason(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "connection failed";
}
