import type { Deliver, Delivery, DeliveryResult } from "./delivery.js";
import { isHeard, NEWS_TYPES, type NewsType, type Notice } from "./news.js";
import { ATTEMPTS_MAX, retryDelayMs } from "./retry.js";
import { signatureHeaders } from "./signature.js";
import { slackBody } from "./slack-body.js";
import { standardBody } from "./standard-body.js";
import type { WebhookFormat, WebhookSettings } from "./webhook-settings.js";

/** How many notices wait for one receiver; some megabyte. The oldest make room, and are counted. */
export const QUEUE_MAX = 500;

/** What the operator may know of a receiver: no secret, and of its address only the host. */
export interface ReceiverStatus {
  readonly name: string;
  readonly format: WebhookFormat;
  /** `hooks.slack.com`, with a port where one is given. */
  readonly host: string;
  readonly delivered: number;
  /** Given up, or pushed out by newer ones. */
  readonly lost: number;
  readonly queued: number;
  /** Failed attempts since the last success. */
  readonly failuresInRow: number;
  readonly lastSuccessAtMs?: number;
  /** Of the last failure, if nothing went well since. */
  readonly lastError?: string;
  /** Those of its globs that match no news that there is. */
  readonly unknownEvents: readonly string[];
}

/** What a receiver takes from outside. */
export interface ReceiverSurroundings {
  readonly deliver: Deliver;
  readonly nowMs: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: ReceiverLog;
}

export interface ReceiverLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Sends notices to one receiver, one at a time and in order, and keeps the books about it. */
export class Receiver {
  readonly #around: ReceiverSurroundings;
  readonly #host: string;
  #settings: WebhookSettings;
  #waiting: Notice[] = [];
  #current: Notice | undefined;
  #running: Promise<void> | undefined;
  #delivered = 0;
  #lost = 0;
  #failuresInRow = 0;
  #lastSuccessAtMs: number | undefined;
  #lastError: string | undefined;
  /** Aborted when nothing is to be waited for any more: what is left gets one attempt. */
  readonly #stopping = new AbortController();
  /** Aborted when also an attempt under way is to end. */
  readonly #ending = new AbortController();

  constructor(settings: WebhookSettings, around: ReceiverSurroundings) {
    this.#settings = settings;
    this.#around = around;
    this.#host = hostOf(settings.url);
  }

  get settings(): WebhookSettings {
    return this.#settings;
  }

  get status(): ReceiverStatus {
    const { name, format, events } = this.#settings;
    return {
      ...{ name, format, host: this.#host, delivered: this.#delivered, lost: this.#lost },
      queued: this.#waiting.length + (this.#current === undefined ? 0 : 1),
      failuresInRow: this.#failuresInRow,
      unknownEvents: events.filter((glob) => !NEWS_TYPES.some((type) => isHeard(type, [glob]))),
      ...(this.#lastSuccessAtMs !== undefined && { lastSuccessAtMs: this.#lastSuccessAtMs }),
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    };
  }

  hears(type: NewsType): boolean {
    return isHeard(type, this.#settings.events);
  }

  /** Other events for the same address; what waits goes out as it was. */
  listenFor(events: readonly string[]): void {
    this.#settings = { ...this.#settings, events };
  }

  /** Takes a notice; returns at once, and sends nothing before the caller's turn is over. */
  offer(notice: Notice): void {
    if (this.#stopping.signal.aborted) return;
    this.#waiting.push(notice);
    if (this.#waiting.length > QUEUE_MAX) {
      this.#waiting.shift();
      this.#lost += 1;
    }
    this.#running ??= this.#run();
  }

  /** What has not been sent; the receiver is not to be used afterwards. An attempt under way is ended. */
  takeOver(): readonly Notice[] {
    const left = [...(this.#current ? [this.#current] : []), ...this.#waiting];
    this.#waiting = [];
    this.#current = undefined;
    this.#stopping.abort();
    this.#ending.abort();
    return left;
  }

  /** Tries what is left once, within `withinMs` for all of it. Resolves when nothing runs any more. */
  async close(withinMs: number): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#ending.abort(), withinMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    await new Promise<void>((turn) => setImmediate(turn));
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#current = next;
      await this.#send(next);
      this.#current = undefined;
    }
    this.#running = undefined;
  }

  /** Until it is there or given up. */
  async #send(notice: Notice): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(notice);
      if (this.#current === undefined) return; // it was taken over, and is no longer ours to count
      if (result.ok) {
        this.#noteSuccess();
        return;
      }
      this.#noteFailure(result.error);
      if (this.#stopping.signal.aborted) {
        this.#giveUpAll();
        return;
      }
      if (!result.again || attempt === ATTEMPTS_MAX) {
        this.#giveUp(notice);
        return;
      }
      const { random, sleep } = this.#around;
      await sleep(retryDelayMs(this.#failuresInRow, random(), result.retryAfterMs), this.#stopping.signal);
    }
  }

  async #attempt(notice: Notice): Promise<DeliveryResult> {
    let delivery: Delivery | undefined;
    try {
      delivery = deliveryOf(notice, this.#settings, this.#around.nowMs());
    } catch {
      return { ok: false, again: false, error: "the message could not be made (is the secret whsec_…?)" };
    }
    return delivery === undefined ? { ok: true } : this.#around.deliver(delivery, this.#ending.signal);
  }

  #noteSuccess(): void {
    this.#delivered += 1;
    this.#lastSuccessAtMs = this.#around.nowMs();
    if (this.#failuresInRow > 0) {
      const fields = { ...this.#logFields(), failures: this.#failuresInRow, lost: this.#lost };
      this.#around.log.info(fields, "webhook receiver answers again");
    }
    this.#failuresInRow = 0;
    this.#lastError = undefined;
  }

  /** Said once, not at each attempt: `doctor` has the rest. */
  #noteFailure(error: string): void {
    this.#failuresInRow += 1;
    this.#lastError = error;
    if (this.#failuresInRow === 1)
      this.#around.log.warn({ ...this.#logFields(), error }, "webhook receiver fails");
  }

  #giveUp({ entry, news }: Notice): void {
    this.#lost += 1;
    const fields = { ...this.#logFields(), event: news.type, entry, error: this.#lastError };
    this.#around.log.warn(fields, "webhook notice given up");
  }

  #giveUpAll(): void {
    const lost = 1 + this.#waiting.length;
    this.#lost += lost;
    this.#waiting = [];
    this.#around.log.warn({ ...this.#logFields(), lost }, "webhook notices given up at the stop");
  }

  #logFields(): object {
    return { receiver: this.#settings.name, host: this.#host };
  }
}

/** Undefined for news that such a receiver is not told. Throws TypeError for a secret that is none. */
function deliveryOf(notice: Notice, settings: WebhookSettings, nowMs: number): Delivery | undefined {
  const { url, format, secret = "" } = settings;
  const headers = { "content-type": "application/json", "user-agent": "bascule", connection: "close" };
  if (format === "slack") {
    const body = slackBody(notice);
    return body === undefined ? undefined : { url, headers, body };
  }
  const body = standardBody(notice);
  return { url, headers: { ...headers, ...signatureHeaders(secret, notice.id, nowMs, body) }, body };
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "an address that is none";
  }
}
