import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  approvalUser,
  newId,
  type AccessRequest,
  type ApprovalEvidence,
  type EventOf,
  type Grant,
  type Retention,
  type SessionId,
} from "../../src/access/index.js";
import {
  encodePublicKeyLine,
  fingerprint,
  generatePrivateKey,
  WireWriter,
  type PrivateKey,
} from "../../src/certificate/index.js";
import {
  commitKey,
  createRecording,
  FrameType,
  type Head,
  type KeylessHeader,
  type RecordingHeader,
} from "../../src/recording/index.js";
import { LedgerForge, type EvidenceFiles } from "./evidence-folder.js";
import { temporaryFolder } from "./temporary.js";

/** When the story begins. */
export const START_MS = 1_760_000_000_000;
const USERAUTH_REQUEST = 50;
const dataKey = Buffer.alloc(32, 7);
const apartKey = Buffer.alloc(32, 9);
const approver = generatePrivateKey("ed25519");
const policy = Buffer.from(
  JSON.stringify({ identities: { bob: { keys: [encodePublicKeyLine(approver.public)] } } }),
);
export const POLICY_HASH = createHash("sha256").update(policy).digest("hex");

const id = <K extends "grt" | "req" | "ses">(kind: K, n: number) => {
  const random = Buffer.alloc(8);
  random.writeUInt32BE(n, 4);
  return newId(kind, random);
};

const request: AccessRequest = {
  ...{ id: id("req", 1), identity: "alice", targets: ["prod"], logins: ["postgres"], role: "oncall" },
  ...{ durationMs: 3_600_000, reason: "INC-42", breakGlass: false, lapsesAtMs: START_MS + 3_600_000 },
  needs: {
    ...{ kind: "all-of", signed: true, presence: false },
    quorums: [{ count: 1, from: ["approvers"] }],
  },
};
const grant: Grant = {
  ...{ id: id("grt", 1), identity: "alice", targets: ["prod"], logins: ["postgres"], role: "oncall" },
  ...{ fromMs: START_MS + 2000, untilMs: START_MS + 3_602_000, reason: "INC-42" },
  ...{ approvers: ["bob"], channels: ["shell"], how: "approved" },
};

export interface StoryWish {
  /** Entries at least; what is missing is filled with refusals. */
  readonly entries?: number;
  /** Whether a witness has seen all but the last entries. */
  readonly isWitnessed?: boolean;
  /** What there is of the one approval; `good` unless told. A stranger's is signed with a key that is not the approver's. */
  readonly approval?: "good" | "unsigned" | "forged" | "stranger";
  /** Whether the first heads are others than those of the recordings; the last ones are theirs. */
  readonly isHeadForged?: boolean;
  /** Of every session; for ever when left out. */
  readonly retention?: Retention;
}

/** What happened on a small bastion, told with real recordings, a real approval and a real ledger, but without a bastion. */
export class EvidenceStory {
  readonly forge = new LedgerForge();
  readonly recordings: EvidenceFiles = new Map();
  readonly #isWitnessed: boolean;
  readonly #retention: Retention | undefined;
  /** How far the ledger has the hash of each recording. */
  readonly #promised = new Map<string, Head>();
  #atMs = START_MS;

  private constructor({ isWitnessed = false, retention }: StoryWish) {
    this.#isWitnessed = isWitnessed;
    this.#retention = retention;
  }

  /** Somebody asks, somebody else signs, and there are three sessions: one that ended, one that was interrupted, one that is live. */
  static async tell(wish: StoryWish = {}): Promise<EvidenceStory> {
    const { entries = 0, approval = "good", isHeadForged = false } = wish;
    const story = new EvidenceStory(wish);
    story.add({ type: "bastion.started", version: "0.0.0", policy: POLICY_HASH });
    story.add({ type: "request.made", request });
    story.add(approvalOf(approval));
    story.add({ type: "grant.issued", grant, by: "bob", request: request.id });
    while (story.forge.entries.length < entries - 12) story.refuse();
    const heads = await Promise.all(([1, 2, 3] as const).map((n) => story.#record(n)));
    for (const n of [1, 2, 3] as const) story.begin(n);
    for (const [at, [first]] of heads.entries())
      story.add({
        ...{ type: "recording.head", session: sessionName(at + 1), ...first },
        ...(isHeadForged && { hash: "00".repeat(32) }),
      });
    story.end(1, "closed", heads[0]?.[1]);
    story.end(2, "interrupted", heads[1]?.[1]);
    story.add({ type: "recording.head", session: sessionName(3), ...(heads[2]?.[1] ?? never()) });
    story.refuse();
    story.refuse();
    return story;
  }

  add(event: Parameters<LedgerForge["add"]>[0]): number {
    this.#atMs += 1000;
    return this.forge.add(event, this.#atMs);
  }

  /** Somebody unknown is turned away. */
  refuse(): void {
    this.add({
      ...{ type: "session.denied", stage: "authenticate", reason: "unknown-key" },
      ...{ words: "ab".repeat(32), clientAddress: "192.0.2.9" },
    });
  }

  begin(n: number): void {
    const session = sessionName(n);
    this.add({
      ...{
        type: "session.started",
        session,
        identity: "alice",
        grant: grant.id,
        serial: "0",
        target: "prod",
      },
      ...{ login: "postgres", clientAddress: "192.0.2.7", recording: `2025-10-09/${session}.bsr` },
      ...{ channels: ["shell"], untilMs: grant.untilMs, proxy: "p1" },
      ...(this.#retention && { retention: this.#retention }),
    });
  }

  /** Time goes by in which nothing happens. */
  pass(ms: number): void {
    this.#atMs += ms;
  }

  end(n: number, outcome: "closed" | "interrupted", head: Head = never()): void {
    this.add({ type: "session.ended", session: sessionName(n), outcome, head });
  }

  /** How many bytes of a recording the ledger has the hash of. */
  promised(path: string): number {
    return this.#promised.get(path)?.bytes ?? 0;
  }

  headOf(n: number): Head {
    return this.#promised.get(recordingOf(n)) ?? never();
  }

  /** All of it as files. */
  files(): EvidenceFiles {
    const { length } = this.forge.entries;
    return new Map([
      ...this.forge.files(this.#isWitnessed ? length - 1 : undefined, [length - 1, length - 2]),
      [`ledger/policy/${POLICY_HASH}.json`, policy],
      ...this.recordings,
    ]);
  }

  /** A recording of two shells' worth of output, and two heads of it: the last is the end of what is whole. */
  async #record(n: number): Promise<[Head, Head]> {
    const session = sessionName(n);
    const path = join(temporaryFolder("recorded"), `${session}.bsr`);
    const clock = { nowUs: () => n };
    const header = headerOf(session);
    const onFailure = (error: Error) => {
      throw error;
    };
    const writer = await createRecording(path, {
      ...{ header, dataKey, apartKey, clock, onFailure, durability: { syncEveryMs: 1000 } },
    });
    const say = (text: string, atUs: number) =>
      writer.append({
        type: FrameType.channelData,
        direction: "target",
        channel: 1,
        atUs,
        payload: Buffer.from(text),
      });
    say(`first of ${n}`, 1000);
    writer.flush();
    const first = writer.head();
    say(`second of ${n}`, 2000);
    writer.flush();
    const second = writer.head();
    const open = readFileSync(path);
    const closed = await writer.close({ outcome: "closed" });
    const name = recordingOf(n);
    const [bytes, last] = n === 1 ? [readFileSync(path), closed] : [open, second];
    this.recordings.set(name, bytes);
    this.#promised.set(name, last);
    return [first, last];
  }
}

/** Where a session's recording lies. */
export function recordingOf(n: number): string {
  return `recordings/2025-10-09/${sessionName(n)}.bsr`;
}

export function sessionName(n: number): SessionId {
  return id("ses", n);
}

/** What a recording's header says, but for its keys. */
export function keylessHeader(session: string = sessionName(1)): KeylessHeader {
  return {
    ...{ format: "bascule-recording-v1", session, identity: "alice", grant: grant.id, approvers: ["bob"] },
    ...{ reason: "INC-42", serial: "0", clientAddress: "192.0.2.7", target: "prod", login: "postgres" },
    ...{
      hostKey: `SHA256:${"A".repeat(43)}`,
      startedAtMs: START_MS,
      policy: POLICY_HASH,
      bastion: "bastion",
    },
  };
}

function headerOf(session: string): RecordingHeader {
  const keyCommitment = commitKey(dataKey, session);
  return {
    ...keylessHeader(session),
    ...{ keyCommitment, apartKeyCommitment: commitKey(apartKey, session), keys: [] },
  };
}

function approvalOf(how: NonNullable<StoryWish["approval"]>): EventOf<"request.approved"> {
  const { evidence, ...approval } = signedApproval(
    how === "stranger" ? generatePrivateKey("ed25519") : approver,
  );
  if (how === "unsigned" || evidence === undefined) return approval;
  const elsewhere = Buffer.alloc(32, 2).toString("base64");
  return { ...approval, evidence: how === "forged" ? { ...evidence, sessionId: elsewhere } : evidence };
}

function signedApproval(key: PrivateKey): EventOf<"request.approved"> {
  const unsigned = {
    ...{ sessionId: Buffer.alloc(32, 1).toString("base64"), user: approvalUser(request) },
    ...{ algorithm: "ssh-ed25519", key: key.public.blob.toString("base64") },
  };
  const evidence: ApprovalEvidence = {
    ...unsigned,
    signature: key.sign(loginBlob(unsigned)).toString("base64"),
  };
  return {
    ...{ type: "request.approved", request: request.id, by: "bob", groups: ["approvers"] },
    ...{ fingerprint: fingerprint(key.public), evidence, presence: false },
  };
}

function loginBlob({ sessionId, user, algorithm, key }: Omit<ApprovalEvidence, "signature">): Buffer {
  return new WireWriter()
    .string(Buffer.from(sessionId, "base64"))
    .byte(USERAUTH_REQUEST)
    .string(user)
    .string("ssh-connection")
    .string("publickey")
    .boolean(true)
    .string(algorithm)
    .string(Buffer.from(key, "base64"))
    .finish();
}

function never(): never {
  throw new Error("a head that is not there");
}
