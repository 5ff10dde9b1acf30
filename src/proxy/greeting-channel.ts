import { message, type Transport } from "../ssh2/index.js";
import { WireWriter } from "../wire/index.js";
import type { JumpEnd } from "./jump-channel.js";

/** Exit status for what is not offered here: a usage error. */
const usageStatus = 2;

/** A session on the bastion itself: says who the person is and what is open to them, and ends. There is no shell here. */
export class GreetingChannel {
  readonly #transport: Transport;
  readonly #end: JumpEnd;
  readonly #greeting: string;
  readonly #onReleased: () => void;
  #closeSent = false;

  constructor(transport: Transport, end: JumpEnd, greeting: string, onReleased: () => void) {
    this.#transport = transport;
    this.#end = end;
    this.#greeting = greeting;
    this.#onReleased = onReleased;
  }

  request(name: string, wantsReply: boolean): void {
    if (this.#closeSent) return;
    const known = name === "shell" || name === "exec" || name === "pty-req";
    if (wantsReply) this.#send(known ? message.channelSuccess : message.channelFailure);
    if (name === "shell") this.#say(this.#greeting, 0);
    if (name === "exec")
      this.#say("bascule: commands over ssh are not offered by this version\n", usageStatus);
  }

  /** What is typed here goes nowhere. */
  receive(): boolean {
    return true;
  }

  receiveWindow(): void {
    this.pump();
  }

  receiveEof(): void {
    this.pump();
  }

  receiveClose(): void {
    this.#close();
    this.#onReleased();
  }

  pump(): void {
    // the greeting is short: it fits into any client's first window
  }

  #say(text: string, status: number): void {
    const bytes = Buffer.from(text.replaceAll("\n", "\r\n"), "utf8").subarray(0, this.#end.window);
    for (let at = 0; at < bytes.length; at += this.#end.packetBytes)
      this.#transport.send(
        this.#message(message.channelData)
          .string(bytes.subarray(at, at + this.#end.packetBytes))
          .finish(),
      );
    this.#transport.send(
      this.#message(message.channelRequest).string("exit-status").boolean(false).uint32(status).finish(),
    );
    this.#send(message.channelEof);
    this.#close();
  }

  #close(): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.#send(message.channelClose);
  }

  #send(type: number): void {
    this.#transport.send(this.#message(type).finish());
  }

  #message(type: number): WireWriter {
    return new WireWriter().byte(type).uint32(this.#end.remoteNumber);
  }
}
