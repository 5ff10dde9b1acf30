import type { Socket } from "node:net";
import { FrameDecoder, encodeFrame } from "./framing.js";
import { integer, ShapeError, text } from "./shape.js";

/** A call that got no answer, or an answer that is an error. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: "CLOSED" | "TIMEOUT" | "REMOTE" | "PROTOCOL";

  constructor(code: RpcError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface RpcHandler {
  /** Answers a call; what it throws reaches the other side as a bare "failed". */
  onCall(name: string, params: unknown): Promise<unknown>;
  /** Takes a one-way message. Throws when it is malformed: the link is closed. */
  onMessage(name: string, params: unknown): void;
  /** The link is gone; called once. */
  onClose(reason: string): void;
  /** A call failed on this side; for the operator's log. */
  onCallError(name: string, error: unknown): void;
}

/** Calls that may wait for an answer at once, per link: a bound on memory when the other side hangs. */
const pendingCallsMax = 10_000;

interface PendingCall {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: RpcError) => void;
  readonly timer: NodeJS.Timeout;
}

/** One end of the connection between control and a proxy: calls, answers and one-way messages, in order. */
export class RpcLink {
  readonly #socket: Socket;
  readonly #handler: RpcHandler;
  readonly #decoder = new FrameDecoder();
  readonly #pending = new Map<number, PendingCall>();
  /** What has come and was not handed on yet. */
  readonly #frames: Record<string, unknown>[] = [];
  #isResting = false;
  #nextId = 1;
  #closed = false;

  constructor(socket: Socket, handler: RpcHandler) {
    this.#socket = socket;
    this.#handler = handler;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("error", (error) => this.#close(error.message));
    socket.on("close", () => this.#close("closed by the other side"));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends a call and waits for its answer, at most `timeoutMs`. Rejects with `RpcError`; `RangeError` when too long. */
  call(name: string, params: unknown, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed || this.#pending.size >= pendingCallsMax) {
        reject(new RpcError("CLOSED", `no link for ${name}`));
        return;
      }
      const id = this.#nextId++;
      const frame = encodeFrame({ call: id, name, params });
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        reject(new RpcError("TIMEOUT", `${name} was not answered within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(id, { resolve, reject, timer });
      this.#socket.write(frame);
    });
  }

  /** Sends a one-way message; lost when the link is closed. */
  send(name: string, params: unknown): void {
    if (!this.#closed) this.#socket.write(encodeFrame({ name, params }));
  }

  close(): void {
    this.#socket.destroy();
    this.#close("closed by this side");
  }

  #receive(bytes: Buffer): void {
    try {
      for (const value of this.#decoder.push(bytes)) this.#frames.push(value as Record<string, unknown>);
    } catch (error) {
      this.#deliver();
      this.#fail(error);
    }
    this.#deliver();
  }

  /**
   * Hands on what has come. After an answer the rest waits a moment: an order about what was answered would otherwise come
   * before whoever waits for the answer has taken it, and a session that was cut just then would live.
   */
  #deliver(): void {
    while (!this.#isResting && !this.#closed) {
      const frame = this.#frames.shift();
      if (frame === undefined) return;
      try {
        this.#dispatch(frame);
        if ("answer" in frame && this.#frames.length > 0) this.#rest();
      } catch (error) {
        this.#fail(error);
      }
    }
  }

  #rest(): void {
    this.#isResting = true;
    setImmediate(() => {
      this.#isResting = false;
      this.#deliver();
    });
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : "malformed frame";
    this.#socket.destroy();
    this.#close(`protocol error: ${reason}`);
  }

  #dispatch(frame: Record<string, unknown>): void {
    if ("answer" in frame) {
      this.#settle(integer(frame["answer"], "answer"), frame);
      return;
    }
    const name = text(64)(frame["name"], "name");
    if ("call" in frame) this.#answer(integer(frame["call"], "call"), name, frame["params"]);
    else this.#handler.onMessage(name, frame["params"]);
  }

  #answer(id: number, name: string, params: unknown): void {
    this.#handler
      .onCall(name, params)
      .then((result) => this.#reply({ answer: id, result }))
      .catch((error: unknown) => {
        this.#handler.onCallError(name, error);
        this.#reply({ answer: id, error: error instanceof ShapeError ? error.message : "failed" });
      });
  }

  /** Throws `RangeError` when the answer is too long: it is then a failed call. */
  #reply(frame: object): void {
    if (!this.#closed) this.#socket.write(encodeFrame(frame));
  }

  #settle(id: number, frame: Record<string, unknown>): void {
    const call = this.#pending.get(id);
    if (!call) return; // answered after its time
    this.#pending.delete(id);
    clearTimeout(call.timer);
    if (typeof frame["error"] === "string") call.reject(new RpcError("REMOTE", frame["error"]));
    else call.resolve(frame["result"]);
  }

  #close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(new RpcError("CLOSED", `link closed: ${reason}`));
    }
    this.#pending.clear();
    this.#handler.onClose(reason);
  }
}
