import type { Frame, RecordingWriter } from "../recording/index.js";
import type { CutOrder, OpenedSession, ProxySettings, RecordingHead } from "../rpc/index.js";
import { disconnectReason, type EphemeralKey, type Transport, type TransportEnd } from "../ssh2/index.js";
import type { ControlLink } from "./control-link.js";
import { Deadline, systemClocks } from "./deadline.js";
import { openRecorder } from "./open-recorder.js";
import { RecordingSpace } from "./recording-space.js";
import { Relay } from "./relay.js";
import { TypingTap } from "./typing-tap.js";
import type { ProxyLog } from "./log.js";
import type { OpeningSession, OrderedSession } from "./opening-session.js";
import { dialTarget, UpstreamError, type Upstream } from "./upstream.js";

export interface SessionContext {
  readonly control: ControlLink;
  readonly settings: ProxySettings;
  readonly log: ProxyLog;
}

/** What a client's connection gives to a session. */
export interface SessionClient {
  readonly transport: Transport;
  readonly target: string;
  readonly login: string;
  /** Shows the target's banner, while the client still waits for its login. */
  banner(text: string): void;
}

/** How a session comes to be. */
export interface SessionStart {
  readonly opening: OpeningSession;
  readonly askedAtMs: number;
  readonly onFinished: () => void;
}

type Outcome = "closed" | "cut" | "failed";

interface Farewell {
  /** What the client's ssh shows when it is disconnected. */
  readonly words?: string;
  /** Set when the bastion ends the session: every channel is told the words, too. */
  readonly cutReason?: string;
}

/** ssh drops what it has not yet shown when it is disconnected: time to show the last words and leave by itself. */
const farewellMs = 80;

const clockFrame = 193;
const cutFrame = 196;
/** Refusals of one session that are worth a ledger entry each; its recording holds them all. */
const refusalsToldMax = 100;
/** The wall clock is noted in the recording this often. */
const clockEveryMs = 60_000;

/**
 * One authenticated connection from an identity to a target: recording, upstream leg, relay, deadline.
 *
 * Order (**invariant**): the recording's header is on the disk before the target is dialled, and the recording is closed
 * after the target was let go. Whatever ends the session ends it once, through `#finish`.
 */
export class Session implements OrderedSession {
  readonly id: string;
  readonly #opened: OpenedSession;
  readonly #context: SessionContext;
  readonly #client: SessionClient;
  readonly #recorder: RecordingWriter;
  readonly #upstream: Upstream;
  readonly #relay: Relay;
  readonly #space: RecordingSpace;
  readonly #deadline: Deadline;
  readonly #tap: TypingTap;
  readonly #clockTimer: NodeJS.Timeout;
  readonly #onFinished: () => void;
  #reportedBytes = 0;
  #refusals = 0;
  #untilMs: number;
  #outcome: Outcome | undefined;

  private constructor(
    context: SessionContext,
    client: SessionClient,
    opened: OpenedSession,
    recorder: RecordingWriter,
    upstream: Upstream,
    startedUs: number,
    remainingMs: number,
    onFinished: () => void,
  ) {
    this.id = opened.session;
    this.#context = context;
    this.#client = client;
    this.#opened = opened;
    this.#untilMs = opened.untilMs;
    this.#recorder = recorder;
    this.#upstream = upstream;
    this.#onFinished = onFinished;
    this.#tap = new TypingTap(recorder, {
      nowUs: () => Math.floor(performance.now() * 1000) - startedUs,
      onAppended: (bytes) => this.#space.grew(bytes),
    });
    this.#space = new RecordingSpace({
      quotaBytes: opened.quotaBytes,
      recordedBytes: () => recorder.head().bytes,
      ask: async (recordedBytes) =>
        (await context.control.call("moreSpace", { session: this.id, recordedBytes })).quotaBytes,
      hold: () => this.#relay.hold(),
      release: () => this.#relay.release(),
    });
    this.#relay = new Relay(
      client.transport,
      upstream.transport,
      this.#tap,
      {
        allowed: new Set(opened.channels),
        environment: context.settings.environment,
        channelsMax: context.settings.limits.channelsPerConnection,
      },
      {
        onRefused: (what, reason) => this.#reportRefused(what, reason),
        onBroken: (error) => this.#onBroken(error),
      },
    );
    upstream.listen({
      onMessage: (payload) => this.#relay.fromTarget(payload),
      onDrain: () => this.#relay.targetDrained(),
      onEnd: (end) => this.#onTargetEnd(end),
    });
    this.#deadline = new Deadline(systemClocks, {
      onNotice: (leftMs) => this.#relay.notice(noticeText(this.#opened, this.#context.settings, leftMs)),
      onEnd: () => this.cut({ reason: "grant-ended", text: `grant ${opened.grant} has ended` }),
    });
    this.#deadline.set(opened.untilMs, remainingMs, context.settings.noticesMs);
    this.#clockTimer = setInterval(() => this.#noteClock(), clockEveryMs);
  }

  /**
   * Opens what control allowed: recording, then target. Rejects with `UpstreamError` or `RecordingError`; the recording
   * is then closed and control told. The time that is left counts from `askedAtMs` (monotonic), when control was asked.
   */
  static async open(
    context: SessionContext,
    client: SessionClient,
    opened: OpenedSession,
    key: EphemeralKey,
    { opening, askedAtMs, onFinished }: SessionStart,
  ): Promise<Session> {
    const startedUs = Math.floor(performance.now() * 1000);
    let session: Session | undefined;
    const recorder = await openRecorder(opened, {
      durability: { syncEveryMs: context.settings.syncEveryMs },
      clock: { nowUs: () => Math.floor(performance.now() * 1000) - startedUs },
      onFailure: (error) => session?.recorderFailed(error),
    }).catch((error: unknown) => {
      reportUnused(context, opened.session, error, false);
      context.control.report("sessionEnded", {
        session: opened.session,
        outcome: "failed",
        recording: { isClosed: false },
      });
      throw error;
    });
    try {
      const upstream = await dialTarget({
        name: client.target,
        address: opened.upstream,
        login: client.login,
        how: opened.targetLogin,
        key,
        rekey: { bytes: context.settings.rekeyBytes, everyMs: context.settings.rekeyEveryMs },
        timeoutMs: context.settings.dialTimeoutMs,
        signal: opening.signal,
        signLogin: async (data) => {
          const params = { session: opened.session, data: data.toString("base64") };
          return Buffer.from((await context.control.call("signLogin", params)).signature, "base64");
        },
        onBanner: (text) => client.banner(text),
      });
      if (client.transport.ended) {
        upstream.transport.destroy();
        throw new UpstreamError("client-left", "", "before the target was ready");
      }
      const remainingMs = opened.remainingMs - (performance.now() - askedAtMs);
      session = new Session(context, client, opened, recorder, upstream, startedUs, remainingMs, onFinished);
      return session;
    } catch (error) {
      await closeUnused(context, opened.session, recorder, error, opening.signal.aborted);
      throw error;
    }
  }

  get head(): RecordingHead {
    return this.#recorder.head();
  }

  get quotaBytes(): number {
    return this.#space.quotaBytes;
  }

  get ended(): boolean {
    return this.#outcome !== undefined;
  }

  fromClient(payload: Buffer): void {
    this.#relay.fromClient(payload);
  }

  clientDrained(): void {
    this.#relay.clientDrained();
  }

  /** The client's connection is gone. */
  clientEnded(end: TransportEnd): void {
    this.#finish("closed", `client: ${end.detail}`);
  }

  /** Control has moved the end. The person is told when that gives them time; what takes it away is told as it ends. */
  moveDeadline(untilMs: number, remainingMs: number): void {
    this.#deadline.move(untilMs, remainingMs, this.#context.settings.noticesMs);
    const isLater = untilMs > this.#untilMs;
    this.#untilMs = untilMs;
    if (isLater && !this.ended)
      this.#relay.notice(
        `bascule: grant ${this.#opened.grant} was extended; ${span(this.#deadline.leftMs)} left`,
      );
  }

  /** Ends the session at once: the target first, then the client with a word on every channel. */
  cut({ reason, text }: Pick<CutOrder, "reason" | "text">): void {
    const words = `bascule: session ${this.id} closed: ${text}`;
    this.#finish("cut", text, { words, cutReason: reason });
  }

  /** Tells control how far the recording is, when it has grown. */
  reportHead(): void {
    const head = this.#recorder.head();
    if (head.bytes === this.#reportedBytes || this.ended) return;
    this.#reportedBytes = head.bytes;
    this.#context.control.report("recordingHead", { session: this.id, head });
  }

  recorderFailed(error: Error): void {
    if (this.ended) return; // thrown and told: once is enough
    this.#context.log.error({ session: this.id, error: error.message }, "recording failed");
    this.#context.control.report("sessionFailed", {
      session: this.id,
      code: "recording-failed",
      detail: error.message,
    });
    this.cut({ reason: "recording-failed", text: "it can no longer be recorded" });
  }

  #reportRefused(what: string, reason: string): void {
    this.#refusals += 1;
    if (this.#refusals > refusalsToldMax) return;
    const params = { session: this.id, what: what.slice(0, 1024), reason };
    this.#context.control.report("channelRefused", params);
  }

  #onBroken(error: Error): void {
    if (error.name === "RecordingError") {
      this.recorderFailed(error);
      return;
    }
    this.#context.log.warn({ session: this.id, error: error.message }, "session broke the protocol");
    this.#finish("failed", error.message, { words: "bascule: protocol error" });
  }

  #onTargetEnd(end: TransportEnd): void {
    const words = `bascule: ${this.#client.target} ended the connection`;
    this.#finish(end.code === "PROTOCOL_ERROR" ? "failed" : "closed", `target: ${end.detail}`, { words });
  }

  #noteClock(): void {
    const payload = Buffer.alloc(8);
    payload.writeBigUInt64BE(BigInt(Date.now()));
    this.#append({ type: clockFrame, direction: "bastion", channel: 0, payload });
  }

  #append(frame: Omit<Frame, "atUs">): void {
    try {
      this.#tap.append(frame, false);
    } catch {
      // onFailure has been told, and ends the session
    }
  }

  #finishTyping(): void {
    try {
      this.#tap.finish();
    } catch {
      // as above
    }
  }

  /** The only end. With `words` the client is told; without, it is gone already. */
  #finish(outcome: Outcome, detail: string, { words, cutReason }: Farewell = {}): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    clearInterval(this.#clockTimer);
    this.#deadline.stop();
    this.#space.stop();
    this.#upstream.transport.destroy(); // from here on nothing reaches the target
    const told = this.#relay.stop(cutReason === undefined ? undefined : words);
    this.#finishTyping();
    if (cutReason !== undefined)
      this.#append({
        type: cutFrame,
        direction: "bastion",
        channel: 0,
        payload: Buffer.from(JSON.stringify({ reason: cutReason, text: detail })),
      });
    const { transport } = this.#client;
    if (words === undefined) transport.destroy();
    else setTimeout(() => transport.disconnect(disconnectReason.byApplication, words), told ? farewellMs : 0);
    void this.#close(outcome, detail);
  }

  async #close(outcome: Outcome, detail: string): Promise<void> {
    await closeRecording(this.#context, this.id, this.#recorder, outcome, detail);
    this.#onFinished();
  }
}

async function closeUnused(
  context: SessionContext,
  session: string,
  recorder: RecordingWriter,
  error: unknown,
  wasCut: boolean,
): Promise<void> {
  const outcome = wasCut ? "cut" : "failed";
  const reason = reportUnused(context, session, error, wasCut);
  await closeRecording(context, session, recorder, outcome, reason);
}

/** Control is told the head only of a recording that was closed: of another, less or more may have reached the disk. */
async function closeRecording(
  { control, log }: SessionContext,
  session: string,
  recorder: RecordingWriter,
  outcome: Outcome,
  reason: string,
): Promise<void> {
  const recording = await recorder.close({ outcome, reason }).then(
    (head) => ({ isClosed: true, head }) as const,
    (error: unknown) => {
      log.error({ session, error: String(error) }, "recording could not be closed");
      return { isClosed: false } as const;
    },
  );
  control.report("sessionEnded", { session, outcome, recording });
}

/** Tells control why a session did not come about; gives the text. */
function reportUnused({ control }: SessionContext, session: string, error: unknown, wasCut: boolean): string {
  const detail = error instanceof Error ? error.message : String(error);
  if (!wasCut)
    control.report("sessionFailed", { session, code: failureCode(error), detail: detail.slice(0, 1024) });
  return detail;
}

function failureCode(error: unknown): string {
  if (error instanceof UpstreamError) return error.code;
  return error instanceof Error && error.name === "RecordingError" ? "recording-failed" : "session-failed";
}

function noticeText(
  { grant }: OpenedSession,
  { bastionNames: [bastion = "bastion"] }: ProxySettings,
  leftMs: number,
): string {
  const extend = `ssh ${bastion} extend ${grant} --for 15m --reason "…"`;
  return `bascule: ${span(leftMs)} left of grant ${grant}; to stay longer: ${extend}`;
}

/** `45 s`, `15 min`: rounded to what a person needs. */
function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
