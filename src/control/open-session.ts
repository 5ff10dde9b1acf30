import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  askableTargets,
  ID_RANDOM_BYTES,
  mayOpenSession,
  newId,
  type Policy,
  type SessionId,
  type SessionVerdict,
} from "../access/index.js";
import { decodePublicKey, fingerprint, parsePublicKeyLine } from "../certificate/index.js";
import type { InventoryTarget } from "../config/index.js";
import { commitKey, parseAuditorPublicKey, wrapDataKey, type RecordingHeader } from "../recording/index.js";
import type { Calls, OpenedSession, UpstreamTarget, TargetLogin } from "../rpc/index.js";
import { bytesOf } from "./base64.js";
import type { DecisionContext } from "./decision-context.js";
import { readKeyFile } from "./key-file.js";
import { verifyLogin, type ProvenLogin } from "./login-proof.js";
import type { SessionCarrier } from "./live-sessions.js";
import type { Denied } from "./refusal.js";
import { spanText, utcText } from "./wording.js";

type Ask = Calls["openSession"]["params"];
type Allowed = Extract<SessionVerdict, { ok: true }>;

/** AES-256-GCM. */
const DATA_KEY_BYTES = 32;

/**
 * Decides whether a session may begin, and prepares all that it needs. When it resolves with a session,
 * `session.started` is on the disk; nothing has been dialled yet.
 */
export async function openSession(
  context: DecisionContext,
  ask: Ask,
  carrier: SessionCarrier,
): Promise<OpenedSession | Denied> {
  const opened = await tryToOpen(context, ask, carrier);
  if (opened.ok) return opened;
  // Beside its certificate a client offers the bare key. After it, what was wrong has been said; before it, nothing is wrong.
  const isFirst = context.proofs.use("refuse", ask.proof.sessionId, context.clocks.monotonicMs());
  const isBareKey = opened.reason === "certificate-required";
  const isPassing = isBareKey && (!isFirst || hasLiveCertificate(context, opened.fingerprint));
  return isPassing ? { ...opened, isPassing } : opened;
}

function hasLiveCertificate({ keeper, clocks }: DecisionContext, keyFingerprint = ""): boolean {
  const nowMs = clocks.wallMs();
  for (const { fingerprint: certified, validBeforeMs, revoked } of keeper.state.certificates.values())
    if (certified === keyFingerprint && revoked === undefined && nowMs < validBeforeMs) return true;
  return false;
}

async function tryToOpen(
  context: DecisionContext,
  ask: Ask,
  carrier: SessionCarrier,
): Promise<OpenedSession | Denied> {
  const login = verifyAsk(context, ask);
  if (!login.ok) return login;
  const allowed = decide(context, ask, login);
  if (!allowed.ok) return allowed;
  const target = context.config().inventory.get(ask.target);
  if (target === undefined) throw new Error(`target ${ask.target} is in the policy but not in the inventory`);
  const recording = {
    session: newId("ses", randomBytes(ID_RANDOM_BYTES)),
    startedAtMs: context.clocks.wallMs(),
  };
  const opened = await prepare(context, ask, login, allowed, target, recording);
  const { grant, untilMs } = opened;
  const { session } = recording;
  await context.keeper.record({
    ...{ type: "session.started", session, identity: login.identity, grant: allowed.grant.id },
    ...{
      serial: login.serial ?? "0",
      target: ask.target,
      login: ask.login,
      clientAddress: ask.clientAddress,
    },
    ...{ recording: recordingName(recording), channels: allowed.channels, untilMs },
    proxy: carrier.name,
  });
  context.live.attach(session, carrier, untilMs);
  // While the disk was waited for, the grant may have been revoked: then nobody has cut this session yet.
  const still = decide(context, ask, login);
  if (still.ok && still.grant.id === grant) return opened;
  await context.live.cut(session, "grant-revoked", "bastion@local", "the grant was revoked");
  await context.keeper.record({ type: "session.ended", session, outcome: "cut" });
  return still.ok ? { ...denial(ask, login), reason: "grant-revoked", detail: "while it began" } : still;
}

/** Who is there, as far as a session goes: a certificate, not used before, on both hops the same identity. */
function verifyAsk(context: DecisionContext, ask: Ask): ProvenLogin | Denied {
  const { proof, clientAddress, target, login, jumpIdentity } = ask;
  const { authority, keeper, clocks, proofs } = context;
  const { policy } = context.config();
  const about = {
    userCa: authority.userCa,
    state: keeper.state,
    policy,
    clientAddress,
    nowMs: clocks.wallMs(),
  };
  const proven = verifyLogin(proof, about);
  if (!proven.ok) return { ...proven, target, login };
  const denied = denial(ask, proven);
  if (![login, `${login}%${target}`, `${login}+${target}`].includes(proof.user))
    return { ...denied, reason: "proof-mismatch", detail: `signed for user ${proof.user}` };
  if (jumpIdentity !== "" && jumpIdentity !== proven.identity)
    return { ...denied, reason: "jump-mismatch", detail: `first hop is ${jumpIdentity}` };
  if (proven.serial === undefined)
    return { ...denied, reason: "certificate-required", detail: "a registered key alone" };
  if (!proofs.use("open", proof.sessionId, clocks.monotonicMs()))
    return { ...denied, reason: "proof-reused", detail: "this login was used before" };
  return proven;
}

function denial(
  { target, login }: Ask,
  { identity, fingerprint }: ProvenLogin,
): Omit<Denied, "reason" | "detail"> {
  return { ok: false, isKnown: true, identity, fingerprint, target, login };
}

function decide(context: DecisionContext, ask: Ask, login: ProvenLogin): Allowed | Denied {
  const { policy } = context.config();
  const { target, login: as, clientAddress } = ask;
  const question = { target, login: as, clientAddress, serial: login.serial ?? "0" };
  const verdict = mayOpenSession(context.keeper.state, policy, question, context.clocks.wallMs());
  if (verdict.ok) return verdict;
  const { reason, detail, atMs } = verdict;
  const when = atMs === undefined ? {} : { atMs };
  return {
    ...denial(ask, login),
    reason,
    detail,
    ...when,
    instead: insteadOf(policy, login.identity, ask, reason),
  };
}

/** Names that the identity may see anyway. */
function insteadOf(policy: Policy, name: string, { target }: Ask, reason: string): readonly string[] {
  const identity = policy.identities.get(name);
  if (identity === undefined) return [];
  const askable = askableTargets(policy, identity);
  if (reason === "unknown-login") return askable.get(target) ?? [];
  return [...askable.keys()];
}

async function prepare(
  context: DecisionContext,
  ask: Ask,
  login: ProvenLogin,
  allowed: Allowed,
  target: InventoryTarget,
  recording: NewRecording,
): Promise<OpenedSession> {
  const config = context.config();
  const { session, startedAtMs } = recording;
  const dataKey = randomBytes(DATA_KEY_BYTES);
  const untilMs = endOf(context, allowed, login);
  const recordingPath = join(config.recordings, recordingName(recording));
  const header: RecordingHeader = {
    format: "bascule-recording-v1",
    session,
    identity: login.identity,
    grant: allowed.grant.id,
    approvers: [...allowed.grant.approvers],
    reason: allowed.grant.reason,
    serial: login.serial ?? "0",
    clientAddress: ask.clientAddress,
    target: ask.target,
    login: ask.login,
    hostKey: expectedHostKey(target),
    startedAtMs,
    policy: config.policy.hash,
    bastion: config.name,
    keyCommitment: commitKey(dataKey, session),
    keys: await wrapDataKey(dataKey, [...config.recording.sealTo.values()].map(parseAuditorPublicKey)),
  };
  const remainingMs = Math.max(0, untilMs - startedAtMs);
  return {
    ...{ ok: true, session, identity: login.identity, grant: allowed.grant.id, untilMs },
    remainingMs,
    channels: allowed.channels,
    upstream: upstreamOf(target),
    targetLogin: targetLogin(context, ask, session, login, allowed, target),
    ...{ recordingPath, recordingHeader: JSON.stringify(header), dataKey: dataKey.toString("base64") },
    banner: `bascule: ${ask.target} as ${ask.login} until ${utcText(untilMs)} (${spanText(remainingMs)} left); session ${session} is recorded`,
  };
}

/** A session ends with its grant, or with the certificate that opened it if that is sooner. */
function endOf({ keeper }: DecisionContext, { untilMs }: Allowed, { serial = "0" }: ProvenLogin): number {
  return Math.min(untilMs, keeper.state.certificates.get(serial)?.validBeforeMs ?? untilMs);
}

interface NewRecording {
  readonly session: SessionId;
  readonly startedAtMs: number;
}

/** `<date>/<session>.bsr` under the recordings folder. */
function recordingName({ session, startedAtMs }: NewRecording): string {
  return `${new Date(startedAtMs).toISOString().slice(0, 10)}/${session}.bsr`;
}

function targetLogin(
  { authority, clocks }: DecisionContext,
  ask: Ask,
  session: string,
  { identity }: ProvenLogin,
  { grant, channels }: Allowed,
  { login, sourceAddresses }: InventoryTarget,
): TargetLogin {
  if (login.kind === "key")
    return { kind: "key", publicKey: readKeyFile(login.path).public.blob.toString("base64") };
  const keyId = `${identity}/${grant.id}/${session}`;
  const key = decodePublicKey(bytesOf(ask.upstreamKey));
  const source = sourceAddresses === undefined ? {} : { sourceAddresses };
  const certificate = authority.issueUpstream(
    { key, login: ask.login, keyId, channels, ...source },
    clocks.wallMs(),
  );
  return { kind: "certificate", certificate: certificate.toString("base64") };
}

function upstreamOf({ address, hostKeys, hostCA }: InventoryTarget): UpstreamTarget {
  const blobOf = (line: string) => parsePublicKeyLine(line).key.blob.toString("base64");
  return {
    ...address,
    hostKeys: hostKeys.map(blobOf),
    hostCas: hostCA === undefined ? [] : [blobOf(hostCA)],
  };
}

/** What the inventory expects; which of several keys the target showed is seen only when it is dialled. */
function expectedHostKey({ hostKeys, hostCA }: InventoryTarget): string {
  const line = hostCA ?? hostKeys[0];
  return line === undefined ? "" : fingerprint(parsePublicKeyLine(line).key);
}
