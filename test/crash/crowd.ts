import { setTimeout as sleep } from "node:timers/promises";
import { message } from "../../src/ssh2/index.js";
import { WireReader, WireWriter } from "../../src/wire/index.js";
import type { Bastion } from "../harness/bastion.js";
import { channelOpen, loginRaw, type RawClient } from "../harness/raw-client.js";

/** Logins at a time: each is two key exchanges of this process' and two of the proxy's. */
const openingMax = 8;
const sendsEveryMs = 10;

interface Member {
  readonly client: RawClient;
  readonly command: string;
  /** The channel's number at the other end. */
  readonly recipient: number;
  sent: number;
}

export interface CrowdOptions {
  readonly size: number;
  readonly user: string;
  readonly random: () => number;
}

/**
 * So many sessions at once through a bastion, each sending numbered lines now and then, every fourth on a terminal; what
 * is ended by somebody is opened anew under another name.
 */
export class Crowd {
  readonly #bastion: Bastion;
  readonly #options: CrowdOptions;
  readonly #members = new Set<Member>();
  readonly #commands: string[] = [];
  readonly #timer: NodeJS.Timeout;
  #opening = 0;
  #closed = false;

  constructor(bastion: Bastion, options: CrowdOptions) {
    this.#bastion = bastion;
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), sendsEveryMs);
  }

  /** How many sessions are open now. */
  get size(): number {
    return this.#members.size;
  }

  /** The commands of all sessions that were ever tried. */
  get commands(): readonly string[] {
    return this.#commands;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const { client } of this.#members) client.transport.destroy();
    while (this.#opening > 0) await sleep(20);
  }

  #tick(): void {
    while (this.#opening < openingMax && this.#members.size + this.#opening < this.#options.size) {
      this.#opening++;
      void this.#open().finally(() => this.#opening--);
    }
    const each = [...this.#members];
    for (let at = 0; at < each.length / 10; at++) {
      const member = each[Math.floor(this.#options.random() * each.length)];
      if (member !== undefined) send(member);
    }
  }

  async #open(): Promise<void> {
    const command = `collect ${this.#commands.length}`;
    this.#commands.push(command);
    try {
      const client = await loginRaw(this.#bastion.port, this.#options.user, this.#bastion.alice);
      client.send(channelOpen(0));
      const confirmation = new WireReader(await client.waitFor(message.channelOpenConfirmation));
      confirmation.byte();
      confirmation.uint32();
      const recipient = confirmation.uint32();
      if (this.#commands.length % 4 === 0) {
        client.send(terminalRequest(recipient));
        await client.waitFor(message.channelSuccess);
      }
      client.send(execRequest(recipient, command));
      await client.waitFor(message.channelSuccess);
      const member = { client, command, recipient, sent: 0 };
      this.#members.add(member);
      void client.ended.then(() => this.#members.delete(member));
      if (this.#closed) client.transport.destroy();
    } catch {
      await sleep(200); // who was killed is being started again, and needs the processor for it
    }
  }
}

/** Everything that a session with this command can have sent, as far as `bytes`. */
export function linesOf(command: string, bytes: number): Buffer {
  let text = "";
  for (let number = 0; text.length < bytes; number++) text += line(command, number);
  return Buffer.from(text.slice(0, bytes));
}

function line(command: string, number: number): string {
  return `${command}: line ${number}\n`;
}

function send(member: Member): void {
  const data = line(member.command, member.sent++);
  member.client.send(
    new WireWriter().byte(message.channelData).uint32(member.recipient).string(data).finish(),
  );
}

function terminalRequest(recipient: number): Buffer {
  const request = new WireWriter()
    .byte(message.channelRequest)
    .uint32(recipient)
    .string("pty-req")
    .boolean(true);
  return request.string("xterm").uint32(80).uint32(24).uint32(0).uint32(0).string(Buffer.of(0)).finish();
}

function execRequest(recipient: number, command: string): Buffer {
  const request = new WireWriter().byte(message.channelRequest).uint32(recipient).string("exec");
  return request.boolean(true).string(command).finish();
}
