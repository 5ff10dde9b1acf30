import type { SessionProof } from "../rpc/index.js";
import { disconnectReason, message, type Transport } from "../ssh2/index.js";
import { WireReader, WireWriter } from "../wire/index.js";
import { provesPossession, type Offered } from "./offered-key.js";

/** What became of a login. `text` is shown to the user; a refusal without a text tells nothing. */
export type LoginAnswer =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly text: string }
  /** Let in, but there is nothing to be let in to (a dead target): say so and end. */
  | { readonly kind: "ended"; readonly text: string };

export interface AuthenticationRules {
  readonly attemptsMax: number;
  /** Whether such a key may try at all. Undefined tells a stranger nothing but "no". */
  recognise(algorithm: string, blob: Buffer): Offered | undefined;
  /** The signature was good. `user` is attacker-controlled text. */
  login(offered: Offered, user: string, proof: SessionProof): Promise<LoginAnswer>;
  /** A try that proved nothing. */
  onStranger(reason: string): void;
  /** Control knew who it was, has written down that they may not, and told them why. */
  onKnown(): void;
  /** What a client sent without waiting for its acceptance is for the service that it asked for (RFC 4252 section 5.1). */
  passOn(payload: Buffer): void;
}

/** Message numbers of the service that runs after the login (RFC 4250 section 4.1.1). */
const serviceMessageMin = 80;
/** Requests that may wait while one is being decided; OpenSSH sends one at a time. */
const waitingRequestsMax = 4;
/** Longest user name; `login%target` of two 63-character names fits. */
const userNameCharactersMax = 256;

/** The server's side of RFC 4252: public keys only, one request at a time, every signature verified here. */
export class UserAuthentication {
  readonly #transport: Transport;
  readonly #rules: AuthenticationRules;
  readonly #shown = new Set<string>();
  #serviceGranted = false;
  #attempts = 0;
  #busy = false;
  #waiting: Buffer[] = [];
  #user: string | undefined;

  constructor(transport: Transport, rules: AuthenticationRules) {
    this.#transport = transport;
    this.#rules = rules;
  }

  /** Takes every message until the login is accepted. Throws `WireError` on what cannot be read. */
  receive(payload: Buffer): void {
    if (this.#transport.ended) return;
    if (this.#busy) {
      if (this.#waiting.length >= waitingRequestsMax) this.#disconnect("too many requests at once");
      else this.#waiting.push(Buffer.from(payload));
      return;
    }
    const reader = new WireReader(payload, 1);
    if (payload[0] === message.serviceRequest) this.#onService(reader);
    else if (payload[0] === message.userauthRequest && this.#serviceGranted) this.#onRequest(payload, reader);
    else if (payload[0] !== message.extInfo) this.#disconnect("unexpected message before login");
  }

  /** Text for the person at the client (RFC 4252 section 5.4), once each. */
  banner(text: string): void {
    if (text === "" || this.#shown.has(text)) return;
    this.#shown.add(text);
    const lines = text.replaceAll(/\r?\n/g, "\r\n");
    this.#transport.send(
      new WireWriter().byte(message.userauthBanner).string(`${lines}\r\n`).string("").finish(),
    );
  }

  #onService(reader: WireReader): void {
    const service = reader.text();
    reader.end();
    if (service !== "ssh-userauth") {
      this.#disconnect("no such service", disconnectReason.serviceNotAvailable);
      return;
    }
    this.#serviceGranted = true;
    this.#transport.send(new WireWriter().byte(message.serviceAccept).string(service).finish());
  }

  #onRequest(payload: Buffer, reader: WireReader): void {
    const user = reader.text();
    const service = reader.text();
    const method = reader.text();
    if (
      user.length > userNameCharactersMax ||
      service !== "ssh-connection" ||
      (this.#user ?? user) !== user
    ) {
      this.#disconnect("user name or service not allowed");
      return;
    }
    this.#user = user;
    if (method === "publickey") this.#onPublicKey(payload, reader, user);
    else this.#refuse(method === "none" ? undefined : `method ${method}`);
  }

  #onPublicKey(payload: Buffer, reader: WireReader, user: string): void {
    const signed = reader.boolean();
    const algorithm = reader.text();
    const blob = Buffer.from(reader.string());
    const signedLength = reader.position;
    const signature = signed ? Buffer.from(reader.string()) : undefined;
    reader.end();
    const offered = this.#rules.recognise(algorithm, blob);
    if (!offered) {
      this.#refuse("unknown key");
      return;
    }
    if (!signature) {
      this.#transport.send(
        new WireWriter().byte(message.userauthPkOk).string(algorithm).string(blob).finish(),
      );
      return;
    }
    const { sessionId } = this.#transport;
    const data = new WireWriter().string(sessionId).raw(payload.subarray(0, signedLength)).finish();
    if (!provesPossession(offered, signature, data)) {
      this.#refuse("signature does not verify");
      return;
    }
    void this.#decide(offered, user, {
      sessionId: sessionId.toString("base64"),
      user,
      algorithm,
      key: blob.toString("base64"),
      signature: signature.toString("base64"),
    });
  }

  async #decide(offered: Offered, user: string, proof: SessionProof): Promise<void> {
    this.#busy = true;
    const answer = await this.#rules.login(offered, user, proof);
    this.#busy = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#transport.ended) return;
    if (answer.kind === "accepted") {
      for (const payload of waiting) if ((payload[0] ?? 0) >= serviceMessageMin) this.#rules.passOn(payload);
      return;
    }
    if (answer.text !== "") this.#rules.onKnown();
    this.banner(answer.text);
    if (answer.kind === "ended") {
      this.#disconnect("no session");
      return;
    }
    this.#refuse(undefined);
    this.#receiveAll(waiting);
  }

  /** What waited while a request was decided. Nobody stands above to catch what it throws. */
  #receiveAll(payloads: readonly Buffer[]): void {
    try {
      for (const payload of payloads) this.receive(payload);
    } catch {
      this.#disconnect("malformed message", disconnectReason.protocolError);
    }
  }

  #refuse(strange: string | undefined): void {
    if (strange !== undefined) this.#rules.onStranger(strange);
    this.#attempts += 1;
    if (this.#attempts > this.#rules.attemptsMax) {
      this.#disconnect("too many tries", disconnectReason.noMoreAuthMethods);
      return;
    }
    this.#transport.send(
      new WireWriter().byte(message.userauthFailure).nameList(["publickey"]).boolean(false).finish(),
    );
  }

  #disconnect(text: string, reason: number = disconnectReason.byApplication): void {
    this.#transport.disconnect(reason, text);
  }
}
