/** What the relay knows of one channel between client and target. Numbers are each side's own (RFC 4254 section 5.1). */
export interface RelayedChannel {
  /** Logical number in the recording: 1, 2, … in the order of opening. */
  readonly id: number;
  readonly type: string;
  readonly openedBy: "client" | "target";
  clientNumber: number | undefined;
  targetNumber: number | undefined;
  /** Bytes of the client's window that are kept for text of our own: the target was told of a smaller one. */
  reserve: number;
  /** Bytes that we sent out of the reserve; the next window adjusts go there first. */
  borrowed: number;
  /** Set by `pty-req`; its columns follow `window-change`. */
  terminal: { columns: number } | undefined;
  /** A shell, a command or a subsystem runs: text for the person is understood. */
  started: boolean;
  closedByClient: boolean;
  closedByTarget: boolean;
  eofFromTarget: boolean;
}

/** A peer broke the rules of RFC 4254 about channel numbers; the session ends. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  readonly code = "CHANNEL_RULES_BROKEN";
}

/** The channels of one session, found by either side's number. */
export class ChannelTable {
  readonly #byClient = new Map<number, RelayedChannel>();
  readonly #byTarget = new Map<number, RelayedChannel>();
  #opened = 0;

  get size(): number {
    return Math.max(this.#byClient.size, this.#byTarget.size);
  }

  [Symbol.iterator](): IterableIterator<RelayedChannel> {
    return this.#byClient.values();
  }

  /** An open request passed. Throws `ChannelError` when the opener uses a number of its own twice. */
  open(openedBy: "client" | "target", type: string, number: number): RelayedChannel {
    this.#opened += 1;
    const channel: RelayedChannel = {
      id: this.#opened,
      type,
      openedBy,
      clientNumber: undefined,
      targetNumber: undefined,
      reserve: 0,
      borrowed: 0,
      terminal: undefined,
      started: false,
      closedByClient: false,
      closedByTarget: false,
      eofFromTarget: false,
    };
    this.#number(channel, openedBy, number);
    return channel;
  }

  /** The other side confirmed, with its own number. */
  confirm(channel: RelayedChannel, by: "client" | "target", number: number): void {
    this.#number(channel, by, number);
  }

  /** The channel that a message from `sender` is about: it names the receiver's number. */
  recipientOf(sender: "client" | "target", number: number): RelayedChannel {
    const channel = (sender === "client" ? this.#byTarget : this.#byClient).get(number);
    if (!channel) throw new ChannelError(`${sender} names channel ${number}, which is not open`);
    return channel;
  }

  remove(channel: RelayedChannel): void {
    if (channel.clientNumber !== undefined) this.#byClient.delete(channel.clientNumber);
    if (channel.targetNumber !== undefined) this.#byTarget.delete(channel.targetNumber);
  }

  #number(channel: RelayedChannel, side: "client" | "target", number: number): void {
    const numbers = side === "client" ? this.#byClient : this.#byTarget;
    if (numbers.has(number)) throw new ChannelError(`${side} uses channel number ${number} twice`);
    numbers.set(number, channel);
    if (side === "client") channel.clientNumber = number;
    else channel.targetNumber = number;
  }
}
