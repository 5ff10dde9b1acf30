import { Relay, type RelayRules } from "../../../src/proxy/relay.js";
import { FakeTransport } from "./fake-transport.js";
import { confirm, open, request, text } from "./messages.js";

export type Side = "client" | "target";

/** A frame as the tap was given it. */
export interface Kept {
  readonly type: number;
  readonly direction: string;
  readonly channel: number;
  readonly payload: Buffer;
}

/** The numbers that client and target use for the channel which `session` opens. */
export const atClient = 7;
export const atTarget = 3;

/** A relay between two transports and a tap that note what happens, and in which order. */
export class RelayBench {
  readonly client = new FakeTransport();
  readonly target = new FakeTransport();
  readonly frames: Kept[] = [];
  readonly refused: [what: string, reason: string][] = [];
  readonly broken: Error[] = [];
  /** `record`, `flush`, `to client`, `to target`, in the order in which they happened. */
  readonly order: string[] = [];
  /** Set to have the recorder fail from now on. */
  failing: "append" | "flush" | undefined;
  readonly relay: Relay;

  constructor(allowed: readonly string[] = [], rules: Partial<RelayRules> = {}) {
    this.client.onSend = () => this.order.push("to client");
    this.target.onSend = () => this.order.push("to target");
    const tap = {
      append: (frame: Kept) => {
        if (this.failing === "append") throw new Error("disk is full");
        this.order.push("record");
        this.frames.push({ ...frame, payload: Buffer.from(frame.payload) });
      },
      flush: () => {
        if (this.failing === "flush") throw new Error("disk is full");
        this.order.push("flush");
      },
    };
    this.relay = new Relay(
      this.client.asTransport,
      this.target.asTransport,
      tap,
      { allowed: new Set(allowed), environment: ["LANG", "LC_*"], channelsMax: 4, ...rules },
      {
        onRefused: (what, reason) => this.refused.push([what, reason]),
        onBroken: (error) => this.broken.push(error),
      },
    );
  }

  /** Gives the relay messages as the side's transport would, in one turn, and lets that turn end. */
  async from(side: Side, ...payloads: readonly Buffer[]): Promise<void> {
    for (const payload of payloads)
      if (side === "client") this.relay.fromClient(payload);
      else this.relay.fromTarget(payload);
    await Promise.resolve();
  }

  to(side: Side): FakeTransport {
    return side === "client" ? this.client : this.target;
  }

  /** Opens a session channel, and forgets what was seen of that. */
  async session(window?: number): Promise<void> {
    await this.from("client", open("session", atClient, window === undefined ? {} : { window }));
    await this.from("target", confirm(atClient, atTarget));
    this.forget();
  }

  /** Opens a session channel and starts a program on it. */
  async command(window?: number): Promise<void> {
    await this.session(window);
    await this.from("client", request(atTarget, "exec", true, text("true")));
    this.forget();
  }

  forget(): void {
    this.client.take();
    this.target.take();
    this.frames.length = 0;
    this.order.length = 0;
  }

  /** Kinds of what was kept, each by its message number and where it came from. */
  kept(): string[] {
    return this.frames.map(({ type, direction, channel }) => `${type} ${direction} ${channel}`);
  }
}
