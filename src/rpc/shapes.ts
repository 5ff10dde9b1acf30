import { commandLineCharactersMax, commandPieceBytesMax } from "./command-limits.js";
import type {
  AskedCommand,
  Calls,
  CommandTerminal,
  EndedRecording,
  LiveSession,
  OpenedSession,
  Orders,
  ProxySettings,
  RecordingHead,
  Refusal,
  Reports,
  SessionProof,
  TargetLogin,
  UpstreamTarget,
} from "./messages.js";
import { boolean, integer, list, literal, object, oneOf, tagged, text, type Shape } from "./shape.js";

/** The shapes of all messages: control decodes what a proxy says with these, and the other way round. */

const name = text(256);
const line = text(4096);
/** Keys, certificates, signatures: base64 of at most 12 KiB. */
const bytes = text(16 * 1024);

const proof: Shape<SessionProof> = object<SessionProof>({
  sessionId: text(128),
  user: name,
  algorithm: text(128),
  key: bytes,
  signature: bytes,
});
const refusal: Shape<Refusal> = object<Refusal>({ ok: literal(false), reason: name, text: line });
const head: Shape<RecordingHead> = object<RecordingHead>({
  bytes: integer,
  blocks: integer,
  hash: text(128),
});
const endedRecording: Shape<EndedRecording> = tagged<EndedRecording>("isClosed", [
  [true, object<Extract<EndedRecording, { isClosed: true }>>({ isClosed: literal(true), head })],
  [false, object<Extract<EndedRecording, { isClosed: false }>>({ isClosed: literal(false) })],
]);
const live: Shape<LiveSession> = object<LiveSession>({ session: name, head, quotaBytes: integer });

const settings: Shape<ProxySettings> = object<ProxySettings>({
  bastionNames: list(name, 64),
  userCas: list(bytes, 64),
  registeredKeys: list(name, 100_000),
  environment: list(name, 256),
  banner: boolean,
  noticesMs: list(integer, 16),
  rekeyBytes: integer,
  rekeyEveryMs: integer,
  syncEveryMs: integer,
  dialTimeoutMs: integer,
  limits: object<ProxySettings["limits"]>({
    unauthenticated: integer,
    unauthenticatedPerAddress: integer,
    unauthenticatedBytes: integer,
    loginGraceMs: integer,
    authAttempts: integer,
    connectionsPerMinute: integer,
    channelsPerConnection: integer,
    packetBytes: integer,
  }),
});

const targetLogin = tagged<TargetLogin>("kind", [
  ["certificate", object({ kind: literal("certificate"), certificate: bytes })],
  ["key", object({ kind: literal("key"), publicKey: bytes })],
]);

const upstream: Shape<UpstreamTarget> = object<UpstreamTarget>({
  host: name,
  port: integer,
  hostKeys: list(bytes, 16),
  hostCas: list(bytes, 16),
});

const opened: Shape<OpenedSession> = object<OpenedSession>({
  ok: literal(true),
  session: name,
  identity: name,
  grant: name,
  untilMs: integer,
  remainingMs: integer,
  channels: list(name, 16),
  upstream,
  targetLogin,
  recordingPath: line,
  quotaBytes: integer,
  recordingHeader: text(256 * 1024),
  auditors: list(name, 256),
  apartAuditors: list(name, 256),
  banner: line,
});

const asked = tagged<AskedCommand>("kind", [
  ["shell", object({ kind: literal("shell") })],
  ["line", object({ kind: literal("line"), line: text(commandLineCharactersMax) })],
]);
const terminal = tagged<CommandTerminal>("kind", [
  ["none", object({ kind: literal("none") })],
  ["terminal", object({ kind: literal("terminal"), term: name, columns: integer, rows: integer })],
]);
/** Bytes of a command, base64. */
const piece = text(Math.ceil(commandPieceBytesMax / 3) * 4);

type CallShapes = {
  [N in keyof Calls]: { params: Shape<Calls[N]["params"]>; result: Shape<Calls[N]["result"]> };
};

export const callShapes: CallShapes = {
  hello: {
    params: object<Calls["hello"]["params"]>({
      token: name,
      name,
      pid: integer,
      sessions: list(live, 10_000),
    }),
    result: settings,
  },
  certifyHostKey: {
    params: object<Calls["certifyHostKey"]["params"]>({ publicKey: bytes, name }),
    result: object<Calls["certifyHostKey"]["result"]>({ certificate: bytes, renewAtMs: integer }),
  },
  identify: {
    params: object<Calls["identify"]["params"]>({ proof, clientAddress: name }),
    result: tagged<Calls["identify"]["result"]>("ok", [
      [true, object({ ok: literal(true), identity: name, login: name })],
      [false, refusal],
    ]),
  },
  mayReach: {
    params: object<Calls["mayReach"]["params"]>({
      login: name,
      target: name,
      port: integer,
    }),
    result: tagged<Calls["mayReach"]["result"]>("ok", [
      [true, object({ ok: literal(true) })],
      [false, refusal],
    ]),
  },
  openSession: {
    params: object<Calls["openSession"]["params"]>({
      proof,
      target: name,
      login: name,
      clientAddress: name,
      clientSoftware: name,
      jumpIdentity: name,
      upstreamKey: bytes,
    }),
    result: tagged<Calls["openSession"]["result"]>("ok", [
      [true, opened],
      [false, refusal],
    ]),
  },
  signLogin: {
    params: object<Calls["signLogin"]["params"]>({ session: name, data: bytes }),
    result: object<Calls["signLogin"]["result"]>({ signature: bytes }),
  },
  moreSpace: {
    params: object<Calls["moreSpace"]["params"]>({ session: name, recordedBytes: integer }),
    result: object<Calls["moreSpace"]["result"]>({ quotaBytes: integer }),
  },
};

export const reportShapes: { [N in keyof Reports]: Shape<Reports[N]> } = {
  recordingHead: object<Reports["recordingHead"]>({ session: name, head }),
  sessionFailed: object<Reports["sessionFailed"]>({ session: name, code: name, detail: line }),
  sessionEnded: object<Reports["sessionEnded"]>({
    session: name,
    outcome: oneOf("closed", "cut", "failed"),
    recording: endedRecording,
  }),
  channelRefused: object<Reports["channelRefused"]>({ session: name, what: line, reason: name }),
  strangerRefused: object<Reports["strangerRefused"]>({ clientAddress: name, reason: name }),
  loginEnded: object<Reports["loginEnded"]>({ login: name }),
  commandStarted: object<Reports["commandStarted"]>({ login: name, command: integer, asked, terminal }),
  commandInput: object<Reports["commandInput"]>({ command: integer, bytes: piece, isEnd: boolean }),
  commandResized: object<Reports["commandResized"]>({ command: integer, columns: integer, rows: integer }),
  commandSignalled: object<Reports["commandSignalled"]>({ command: integer, signal: name }),
  commandTaken: object<Reports["commandTaken"]>({ command: integer, bytes: integer }),
  commandGone: object<Reports["commandGone"]>({ command: integer }),
};

export const orderShapes: { [N in keyof Orders]: Shape<Orders[N]> } = {
  settings,
  cut: object<Orders["cut"]>({ session: name, reason: name, text: line }),
  deadline: object<Orders["deadline"]>({ session: name, untilMs: integer, remainingMs: integer }),
  commandOutput: object<Orders["commandOutput"]>({
    command: integer,
    stream: oneOf("stdout", "stderr"),
    bytes: piece,
  }),
  commandTaken: object<Orders["commandTaken"]>({ command: integer, bytes: integer }),
  commandEnded: object<Orders["commandEnded"]>({ command: integer, exit: integer }),
  shutdown: object<Orders["shutdown"]>({ text: line }),
};
