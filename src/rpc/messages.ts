/**
 * Everything that crosses between control and a proxy. Byte strings are base64, big integers decimal text, times are
 * milliseconds since 1970 (`…AtMs`, `untilMs`) or spans (`…Ms`).
 */

/** What a proxy knows of a client's login: enough for control to check the signature itself (RFC 4252 section 7). */
export interface SessionProof {
  readonly sessionId: string;
  readonly user: string;
  readonly algorithm: string;
  /** Certificate or plain public key, SSH wire form. */
  readonly key: string;
  readonly signature: string;
}

/** A refusal. `reason` is for programs and the ledger; `text` is what the user may read. */
export interface Refusal {
  readonly ok: false;
  readonly reason: string;
  readonly text: string;
}

/** The limits and lists a proxy works by; control sends them at the start and after each reload. */
export interface ProxySettings {
  readonly bastionNames: readonly string[];
  /** User CA public keys, SSH wire form: certificates of others are refused without asking control. */
  readonly userCas: readonly string[];
  /** SHA-256 fingerprints of registered plain keys; others are refused without asking control. */
  readonly registeredKeys: readonly string[];
  readonly environment: readonly string[];
  readonly banner: boolean;
  readonly noticesMs: readonly number[];
  readonly rekeyBytes: number;
  readonly rekeyEveryMs: number;
  readonly syncEveryMs: number;
  readonly dialTimeoutMs: number;
  readonly limits: {
    readonly unauthenticated: number;
    readonly unauthenticatedPerAddress: number;
    readonly unauthenticatedBytes: number;
    readonly loginGraceMs: number;
    readonly authAttempts: number;
    readonly connectionsPerMinute: number;
    readonly channelsPerConnection: number;
    /** Longest message, without padding. */
    readonly packetBytes: number;
  };
}

/** How the upstream leg logs in: with a certificate over the proxy's fresh key, or with a key that control keeps. */
export type TargetLogin =
  | { readonly kind: "certificate"; readonly certificate: string }
  | { readonly kind: "key"; readonly publicKey: string };

export interface UpstreamTarget {
  readonly host: string;
  readonly port: number;
  /** Plain host keys, SSH wire form. */
  readonly hostKeys: readonly string[];
  /** Host CAs, SSH wire form; a host certificate must name the target or its host. */
  readonly hostCas: readonly string[];
}

export interface OpenedSession {
  readonly ok: true;
  readonly session: string;
  readonly identity: string;
  readonly grant: string;
  readonly untilMs: number;
  /** Time left by control's clock: a proxy whose wall clock is off still ends on time. */
  readonly remainingMs: number;
  readonly channels: readonly string[];
  readonly upstream: UpstreamTarget;
  readonly targetLogin: TargetLogin;
  readonly recordingPath: string;
  /** Bytes that are set aside for the recording; more are to be asked for before they are used (`moreSpace`). */
  readonly quotaBytes: number;
  /** The recording's header as JSON text, without its keys: those the proxy makes. */
  readonly recordingHeader: string;
  /** Whom the recording's keys are to be wrapped to, `bascule-auditor:…`: the data key, and the one of what is typed. */
  readonly auditors: readonly string[];
  readonly apartAuditors: readonly string[];
  readonly banner: string;
}

/** What a client asked of a session channel on the bastion itself. */
export type AskedCommand = { readonly kind: "shell" } | { readonly kind: "line"; readonly line: string };

/** The client's terminal, if it has one. */
export type CommandTerminal =
  | { readonly kind: "none" }
  | { readonly kind: "terminal"; readonly term: string; readonly columns: number; readonly rows: number };

export interface RecordingHead {
  readonly bytes: number;
  readonly blocks: number;
  readonly hash: string;
}

/** Of a recording that could not be closed, only the file says what there is. */
export type EndedRecording = { isClosed: true; head: RecordingHead } | { isClosed: false };

/** What a reconnecting proxy says of a session that outlived its link to control. */
export interface LiveSession {
  readonly session: string;
  readonly head: RecordingHead;
  readonly quotaBytes: number;
}

/** Proxy → control, answered. */
export interface Calls {
  hello: {
    params: { token: string; name: string; pid: number; sessions: readonly LiveSession[] };
    result: ProxySettings;
  };
  certifyHostKey: {
    params: { publicKey: string; name: string };
    result: { certificate: string; renewAtMs: number };
  };
  /** First hop: who is this? `login` names the login until its connection ends; only this proxy can name it. */
  identify: {
    params: { proof: SessionProof; clientAddress: string };
    result: { ok: true; identity: string; login: string } | Refusal;
  };
  /**
   * First hop, `direct-tcpip`: may whoever logged in reach a target by that name at all? `login-unknown`: control was
   * restarted since.
   */
  mayReach: {
    params: { login: string; target: string; port: number };
    result: { ok: true } | Refusal;
  };
  /** Last hop: may this identity open a session, and with what? The decision is in the ledger before the answer. */
  openSession: {
    params: {
      proof: SessionProof;
      target: string;
      login: string;
      clientAddress: string;
      clientSoftware: string;
      /** The identity that the first hop proved, empty when there was no first hop; both must be the same. */
      jumpIdentity: string;
      /** The proxy's fresh public key for the upstream leg, SSH wire form. */
      upstreamKey: string;
    };
    result: OpenedSession | Refusal;
  };
  /** Signs the login of the upstream leg with a key that only control holds. `data` is the blob of RFC 4252 section 7. */
  signLogin: {
    params: { session: string; data: string };
    result: { signature: string };
  };
  /** More room for a session's recording: what it may be in all, as before when there is none; then it is cut. */
  moreSpace: {
    params: { session: string; recordedBytes: number };
    result: { quotaBytes: number };
  };
}

/** Proxy → control, not answered. */
export interface Reports {
  recordingHead: { session: string; head: RecordingHead };
  sessionFailed: { session: string; code: string; detail: string };
  sessionEnded: { session: string; outcome: "closed" | "cut" | "failed"; recording: EndedRecording };
  channelRefused: { session: string; what: string; reason: string };
  /** Someone who proved nothing was turned away; counted, not kept one by one. */
  strangerRefused: { clientAddress: string; reason: string };
  /** The connection of a login that `identify` gave is gone. */
  loginEnded: { login: string };
  /** `command` is a number that this proxy uses once; all that follows about the command names it. */
  commandStarted: { login: string; command: number; asked: AskedCommand; terminal: CommandTerminal };
  /** Input; no more than `commandWindowBytes` that control has not taken. After `isEnd` there is none. */
  commandInput: { command: number; bytes: string; isEnd: boolean };
  commandResized: { command: number; columns: number; rows: number };
  /** The person wants it to stop: a signal, by its name in RFC 4254 section 6.10. */
  commandSignalled: { command: number; signal: string };
  /** The client has taken so many bytes of output. */
  commandTaken: { command: number; bytes: number };
  /** The client closed the channel, or left. */
  commandGone: { command: number };
}

export interface CutOrder {
  readonly session: string;
  /** Closed set, for the recording: "expired", "revoked", "killed", "locked", "recorder-failed", "shutdown". */
  readonly reason: string;
  /** What the user reads. */
  readonly text: string;
}

export interface DeadlineOrder {
  readonly session: string;
  readonly untilMs: number;
  readonly remainingMs: number;
}

/** Control → proxy, not answered. */
export interface Orders {
  settings: ProxySettings;
  cut: CutOrder;
  deadline: DeadlineOrder;
  /** Output; no more than `commandWindowBytes` that the client has not taken. */
  commandOutput: { command: number; stream: "stdout" | "stderr"; bytes: string };
  /** So many bytes of input were taken. */
  commandTaken: { command: number; bytes: number };
  /** The last word about a command; `exit` is its status, 0 to 255. */
  commandEnded: { command: number; exit: number };
  /** Stop accepting, end live sessions with this text, exit. */
  shutdown: { text: string };
}

export type CallName = keyof Calls;
export type ReportName = keyof Reports;
export type OrderName = keyof Orders;
