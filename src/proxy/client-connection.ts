import type { SessionProof } from "../rpc/index.js";
import {
  disconnectReason,
  generateEphemeralKey,
  message,
  Transport,
  type ByteChannel,
  type Ssh2Key,
  type TransportEnd,
} from "../ssh2/index.js";
import { controlAway } from "./control-away.js";
import { BastionFront } from "./front.js";
import { recogniseKey } from "./offered-key.js";
import { OpeningSession } from "./opening-session.js";
import type { Proxy } from "./proxy.js";
import { Session } from "./session.js";
import { UpstreamError } from "./upstream.js";
import { UserAuthentication, type LoginAnswer } from "./user-authentication.js";

/** Where a connection comes from, and for whom it asks. */
export interface Origin {
  readonly clientAddress: string;
  /** Set for the inner connection of `ssh -J`: the target asked for, and who the first hop proved to be. */
  readonly jump?: { readonly target: string; readonly identity: string };
  /** Called once, when the login was accepted: the limits for strangers no longer apply. */
  onAuthenticated(): void;
  onEnd(): void;
}

/** What takes the messages of an authenticated connection: the bastion's own front, or a session with a target. */
interface Receiver {
  receive(payload: Buffer): void;
  drained(): void;
  ended(end: TransportEnd): void;
}

/**
 * One SSH connection of a client: the outer one to the bastion, or the inner one that `ssh -J` carries in a channel of it.
 * Until the login is accepted every message goes to the authentication; afterwards to what was logged in to.
 */
export class ClientConnection {
  readonly #proxy: Proxy;
  readonly #origin: Origin;
  readonly #transport: Transport;
  readonly #authentication: UserAuthentication;
  readonly #graceTimer: NodeJS.Timeout;
  #receiver: Receiver | undefined;
  /** What was last tried that proved nothing; told to control if the connection ends with it. Nothing after a refusal that it knows. */
  #strangeness: string | undefined = "no login";

  constructor(proxy: Proxy, channel: ByteChannel, hostKeys: readonly Ssh2Key[], origin: Origin) {
    const { settings } = proxy;
    this.#proxy = proxy;
    this.#origin = origin;
    this.#transport = new Transport(
      channel,
      { role: "server", hostKeys, messageBytesMax: settings.limits.packetBytes },
      { bytes: settings.rekeyBytes, everyMs: settings.rekeyEveryMs },
      {
        onReady: () => undefined,
        onMessage: (payload) => this.#onMessage(payload),
        onDrain: () => this.#receiver?.drained(),
        onEnd: (end) => this.#onEnd(end),
      },
    );
    this.#authentication = new UserAuthentication(this.#transport, {
      attemptsMax: settings.limits.authAttempts,
      recognise: (algorithm, blob) => recogniseKey(algorithm, blob, proxy.knownKeys),
      login: (_offered, user, proof) => this.#login(user, proof),
      onStranger: (reason) => (this.#strangeness = reason),
      onKnown: () => (this.#strangeness = undefined),
      passOn: (payload) => this.#onMessage(payload),
    });
    this.#graceTimer = setTimeout(
      () => this.#transport.disconnect(disconnectReason.byApplication, "login took too long"),
      settings.limits.loginGraceMs,
    );
  }

  /** Ends the connection with a word, whatever it is doing. */
  disconnect(text: string): void {
    this.#transport.disconnect(disconnectReason.byApplication, text);
  }

  #onMessage(payload: Buffer): void {
    if (this.#receiver) {
      this.#receiver.receive(payload);
      return;
    }
    try {
      this.#authentication.receive(payload);
    } catch {
      this.#transport.disconnect(disconnectReason.protocolError, "malformed message");
    }
  }

  async #login(user: string, proof: SessionProof): Promise<LoginAnswer> {
    const asked = this.#target(user);
    try {
      return asked ? await this.#openSession(asked, proof) : await this.#enterFront(proof);
    } catch (error) {
      if (error instanceof UpstreamError) return { kind: "ended", text: error.text };
      const { clientAddress } = this.#origin;
      this.#proxy.log.error({ clientAddress, error: String(error) }, "login could not be decided");
      const recorder = error instanceof Error && error.name === "RecordingError";
      const text = recorder
        ? "bascule: the session cannot be recorded, so it cannot begin; tell an admin"
        : controlAway;
      return { kind: "ended", text };
    }
  }

  /** The inner connection of `-J` names the login; on the bastion itself `login%target` (or `login+target`:
   *  OpenSSH 10 expands % in user names) names both. */
  #target(user: string): { target: string; login: string } | undefined {
    const { jump } = this.#origin;
    if (jump) return { target: jump.target, login: user };
    const [login, target, ...more] = user.split(/[%+]/u);
    return login && target && more.length === 0 ? { target, login } : undefined;
  }

  async #enterFront(proof: SessionProof): Promise<LoginAnswer> {
    const { clientAddress } = this.#origin;
    const { control } = this.#proxy;
    const answer = await control.call("identify", { proof, clientAddress });
    if (!answer.ok) return { kind: "refused", text: answer.text };
    const { identity, login } = answer;
    if (this.#transport.ended) control.report("loginEnded", { login });
    const user = { identity, login, losses: control.losses };
    const front = new BastionFront(this.#proxy, this.#transport, user, (channel, hostKey, jump) => {
      const nothing = () => undefined; // the limits for strangers were the outer connection's
      const inner = { clientAddress, jump, onAuthenticated: nothing, onEnd: nothing };
      new ClientConnection(this.#proxy, channel, [hostKey], inner);
    });
    this.#accept({
      receive: (payload) => front.receive(payload),
      drained: () => front.drained(),
      ended: () => front.ended(),
    });
    return { kind: "accepted" };
  }

  async #openSession(asked: { target: string; login: string }, proof: SessionProof): Promise<LoginAnswer> {
    const { clientAddress, jump } = this.#origin;
    const key = generateEphemeralKey();
    const askedAtMs = performance.now();
    const opened = await this.#proxy.control.call("openSession", {
      proof,
      ...asked,
      clientAddress,
      clientSoftware: this.#transport.peerSoftware.slice(0, 256),
      jumpIdentity: jump?.identity ?? "",
      upstreamKey: key.publicKey.toString("base64"),
    });
    if (!opened.ok) return { kind: "refused", text: opened.text };
    const opening = new OpeningSession(opened.session, opened.quotaBytes);
    const { sessions } = this.#proxy;
    sessions.set(opening.id, opening);
    let session: Session;
    try {
      session = await Session.open(
        this.#proxy,
        { transport: this.#transport, ...asked, banner: (text) => this.#authentication.banner(text) },
        opened,
        key,
        { opening, askedAtMs, onFinished: () => sessions.delete(opening.id) },
      );
    } catch (error) {
      sessions.delete(opening.id);
      if (opening.signal.aborted) return { kind: "ended", text: opening.words };
      throw error;
    }
    sessions.set(session.id, session);
    opening.handOver(session);
    if (this.#proxy.settings.banner) this.#authentication.banner(opened.banner);
    this.#accept({
      receive: (payload) => session.fromClient(payload),
      drained: () => session.clientDrained(),
      ended: (end) => session.clientEnded(end),
    });
    return { kind: "accepted" };
  }

  #accept(receiver: Receiver): void {
    clearTimeout(this.#graceTimer);
    this.#receiver = receiver;
    this.#transport.send(Buffer.of(message.userauthSuccess));
    this.#origin.onAuthenticated();
  }

  #onEnd(end: TransportEnd): void {
    clearTimeout(this.#graceTimer);
    if (end.code === "PROTOCOL_ERROR")
      this.#proxy.log.info(
        { clientAddress: this.#origin.clientAddress, detail: end.detail },
        "client broke off",
      );
    if (this.#receiver) this.#receiver.ended(end);
    else if (this.#strangeness !== undefined)
      this.#proxy.strangerRefused(this.#origin.clientAddress, this.#strangeness);
    this.#origin.onEnd();
  }
}
