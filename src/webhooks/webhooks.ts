import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { AccessEvent, Policy, State } from "../access/index.js";
import { deliverByFetch, type Deliver } from "./delivery.js";
import type { Notice } from "./news.js";
import { newsOf } from "./news-of.js";
import { Receiver, type ReceiverLog, type ReceiverStatus, type ReceiverSurroundings } from "./receiver.js";
import type { WebhookSettings } from "./webhook-settings.js";

/** At the end, how long receivers may take for what is left; far inside of what the supervisor gives control to stop. */
const CLOSE_WITHIN_MS = 2000;

const MESSAGE_ID_BYTES = 12;

export interface WebhooksOptions {
  readonly log: ReceiverLog;
  readonly nowMs: () => number;
  readonly deliver?: Deliver;
  readonly sleep?: ReceiverSurroundings["sleep"];
  readonly random?: () => number;
}

/** A ledger entry that was just written. */
export interface WrittenEntry {
  readonly index: number;
  readonly atMs: number;
  readonly entry: AccessEvent;
}

/** All receivers, and what they are told. */
export class Webhooks {
  readonly #around: ReceiverSurroundings;
  #receivers = new Map<string, Receiver>();
  #bastion = "";
  #closing: Promise<void> | undefined;

  constructor({
    log,
    nowMs,
    deliver = deliverByFetch,
    sleep = sleepFor,
    random = Math.random,
  }: WebhooksOptions) {
    this.#around = { log, nowMs, deliver, sleep, random };
  }

  /**
   * The receivers from here on. One whose address, secret and format stay keeps its queue and its numbers; one that was
   * given others takes over the queue; what waits for one that is gone is forgotten.
   */
  use(settings: Iterable<WebhookSettings>, bastion: string): void {
    this.#bastion = bastion;
    const before = this.#receivers;
    this.#receivers = new Map();
    for (const wanted of settings) {
      const old = before.get(wanted.name);
      before.delete(wanted.name);
      this.#receivers.set(wanted.name, this.#receiverFor(wanted, old));
    }
    for (const [receiver, old] of before) {
      const lost = old.takeOver().length;
      if (lost > 0)
        this.#around.log.warn({ receiver, lost }, "webhook notices forgotten with their receiver");
    }
  }

  /** Tells whoever wants to hear it. Returns at once. `state` has the entry folded in. */
  tell({ index, atMs, entry }: WrittenEntry, state: State, policy: Policy): void {
    if (this.#receivers.size === 0 || this.#closing !== undefined) return;
    const news = newsOf(entry, state, policy);
    if (news === undefined) return;
    const id = `msg_${randomBytes(MESSAGE_ID_BYTES).toString("hex")}`;
    const notice: Notice = { id, entry: index, atMs, bastion: this.#bastion, news };
    for (const receiver of this.#receivers.values()) if (receiver.hears(news.type)) receiver.offer(notice);
  }

  get status(): readonly ReceiverStatus[] {
    return [...this.#receivers.values()].map(({ status }) => status);
  }

  /** Takes nothing more, tries what is left once, and ends within CLOSE_WITHIN_MS. May be called again. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.close(CLOSE_WITHIN_MS)));
  }

  #receiverFor(wanted: WebhookSettings, old: Receiver | undefined): Receiver {
    if (old !== undefined && isSameAddress(old.settings, wanted)) {
      old.listenFor(wanted.events);
      return old;
    }
    const receiver = new Receiver(wanted, this.#around);
    for (const notice of old?.takeOver() ?? []) receiver.offer(notice);
    return receiver;
  }
}

function isSameAddress(a: WebhookSettings, b: WebhookSettings): boolean {
  return a.url === b.url && a.format === b.format && a.secret === b.secret;
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
