import type { Transport } from "../../../src/ssh2/index.js";
import { WireWriter } from "../../../src/wire/index.js";

/** Stands where a `Transport` would, and notes what is done with it. */
export class FakeTransport {
  readonly sent: Buffer[] = [];
  readonly brakes: ("pause" | "resume")[] = [];
  readonly disconnects: { reason: number; text: string }[] = [];
  readonly sessionId = Buffer.from("session identifier");
  queuedBytes = 0;
  ended = false;
  onSend: (payload: Buffer) => void = () => undefined;

  /** For what takes a `Transport`: its private parts make it a class that only itself can be. */
  get asTransport(): Transport {
    return this as unknown as Transport;
  }

  send(payload: Buffer): void {
    if (this.ended) return;
    this.sent.push(Buffer.from(payload));
    this.onSend(payload);
  }

  sendData(channel: number, length: number, fill: (packet: Buffer, at: number) => void): void {
    const data = Buffer.alloc(length);
    fill(data, 0);
    this.send(new WireWriter().byte(94).uint32(channel).string(data).finish());
  }

  pause(): void {
    this.brakes.push("pause");
  }

  resume(): void {
    this.brakes.push("resume");
  }

  disconnect(reason: number, text: string): void {
    if (!this.ended) this.disconnects.push({ reason, text });
    this.ended = true;
  }

  destroy(): void {
    this.ended = true;
  }

  /** What was sent since the last call. */
  take(): Buffer[] {
    return this.sent.splice(0);
  }
}
