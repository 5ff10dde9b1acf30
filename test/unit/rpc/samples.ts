import type {
  Calls,
  OpenedSession,
  Orders,
  ProxySettings,
  Reports,
  SessionProof,
} from "../../../src/rpc/index.js";

/** A good message of every kind, with every alternative once. */

const proof: SessionProof = {
  sessionId: "c2Vzc2lvbg==",
  user: "postgres",
  algorithm: "ssh-ed25519-cert-v01@openssh.com",
  key: "a2V5",
  signature: "c2ln",
};
const head = { bytes: 1, blocks: 2, hash: "ab" };
const refusal = { ok: false, reason: "expired", text: "your grant has ended" } as const;

export const settings: ProxySettings = {
  bastionNames: ["bastion"],
  userCas: ["Y2E="],
  registeredKeys: ["SHA256:x"],
  environment: ["LANG", "LC_*"],
  banner: true,
  noticesMs: [900_000, 300_000, 60_000],
  rekeyBytes: 2 ** 30,
  rekeyEveryMs: 3_600_000,
  syncEveryMs: 1000,
  dialTimeoutMs: 10_000,
  limits: {
    unauthenticated: 100,
    unauthenticatedPerAddress: 10,
    unauthenticatedBytes: 65_536,
    loginGraceMs: 30_000,
    authAttempts: 6,
    connectionsPerMinute: 120,
    channelsPerConnection: 64,
    packetBytes: 35_000,
  },
};

const opened: OpenedSession = {
  ok: true,
  session: "ses-1",
  identity: "alice",
  grant: "grt-1",
  untilMs: 1_800_000_000_000,
  remainingMs: 60_000,
  channels: ["shell", "exec"],
  upstream: { host: "10.0.0.5", port: 22, hostKeys: ["a2V5"], hostCas: [] },
  targetLogin: { kind: "certificate", certificate: "Y2VydA==" },
  recordingPath: "/recordings/ses-1.bsr",
  quotaBytes: 65_536,
  recordingHeader: "{}",
  auditors: ["bascule-auditor:AAAA"],
  apartAuditors: ["bascule-auditor:BBBB"],
  banner: "until 12:00",
};

type Samples<T> = { [N in keyof T]: readonly T[N][] };

export const callSamples: {
  [N in keyof Calls]: Samples<Calls[N]>;
} = {
  hello: {
    params: [{ token: "t", name: "proxy-1", pid: 7, sessions: [{ session: "ses-1", head, quotaBytes: 9 }] }],
    result: [settings],
  },
  certifyHostKey: {
    params: [{ publicKey: "a2V5", name: "prod-db-1" }],
    result: [{ certificate: "Y2VydA==", renewAtMs: 1 }],
  },
  identify: {
    params: [{ proof, clientAddress: "127.0.0.1" }],
    result: [{ ok: true, identity: "alice", login: "L1" }, refusal],
  },
  mayReach: {
    params: [{ login: "L1", target: "prod-db-1", port: 22 }],
    result: [{ ok: true }, refusal],
  },
  openSession: {
    params: [
      {
        proof,
        target: "prod-db-1",
        login: "postgres",
        clientAddress: "127.0.0.1",
        clientSoftware: "OpenSSH_9.2",
        jumpIdentity: "",
        upstreamKey: "a2V5",
      },
    ],
    result: [opened, { ...opened, targetLogin: { kind: "key", publicKey: "a2V5" } }, refusal],
  },
  signLogin: { params: [{ session: "ses-1", data: "ZGF0YQ==" }], result: [{ signature: "c2ln" }] },
  moreSpace: { params: [{ session: "ses-1", recordedBytes: 7 }], result: [{ quotaBytes: 9 }] },
};

export const reportSamples: Samples<Reports> = {
  recordingHead: [{ session: "ses-1", head }],
  sessionFailed: [{ session: "ses-1", code: "target-silent", detail: "no answer" }],
  sessionEnded: [
    { session: "ses-1", outcome: "closed", recording: { isClosed: true, head } },
    { session: "ses-1", outcome: "cut", recording: { isClosed: true, head } },
    { session: "ses-1", outcome: "failed", recording: { isClosed: false } },
  ],
  channelRefused: [{ session: "ses-1", what: "request exec", reason: "needs exec" }],
  strangerRefused: [{ clientAddress: "127.0.0.1", reason: "no login" }],
  loginEnded: [{ login: "L1" }],
  commandStarted: [
    { login: "L1", command: 1, asked: { kind: "shell" }, terminal: { kind: "none" } },
    {
      login: "L1",
      command: 2,
      asked: { kind: "line", line: "request prod" },
      terminal: { kind: "terminal", term: "xterm", columns: 80, rows: 24 },
    },
  ],
  commandInput: [{ command: 1, bytes: "aGVsbG8=", isEnd: false }],
  commandResized: [{ command: 1, columns: 100, rows: 30 }],
  commandSignalled: [{ command: 1, signal: "INT" }],
  commandTaken: [{ command: 1, bytes: 5 }],
  commandGone: [{ command: 1 }],
};

export const orderSamples: Samples<Orders> = {
  settings: [settings],
  cut: [{ session: "ses-1", reason: "revoked", text: "grant grt-1 was revoked" }],
  deadline: [{ session: "ses-1", untilMs: 1, remainingMs: 0 }],
  commandOutput: [{ command: 1, stream: "stderr", bytes: "aGVsbG8=" }],
  commandTaken: [{ command: 1, bytes: 5 }],
  commandEnded: [{ command: 1, exit: 75 }],
  shutdown: [{ text: "the bastion restarts" }],
};
