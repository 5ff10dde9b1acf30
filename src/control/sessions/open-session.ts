import { randomBytes } from "node:crypto";
import {
  NO_CERTIFICATE,
  askableTargets,
  BASTION,
  isCertificateOver,
  ID_RANDOM_BYTES,
  mayOpenSession,
  newId,
  type CutReason,
  type Policy,
  type SessionId,
  type SessionStarted,
  type SessionVerdict,
  lockedText,
} from "../../access/index.js";
import type { Calls, OpenedSession } from "../../rpc/index.js";
import type { DecisionContext } from "../decision-context.js";
import { overrideText, type Admission } from "../disk/disk-watch.js";
import type { SessionCarrier } from "./live-sessions.js";
import { verifyLogin, type ProvenLogin } from "../logins/login-proof.js";
import { prepareSession, recordingName, type NewRecording, type PreparedSession } from "./prepare-session.js";
import type { Denied } from "../refusals/refusal.js";
import { spanText, utcText } from "../../wording/index.js";

type Ask = Calls["openSession"]["params"];
type Allowed = Extract<SessionVerdict, { ok: true }>;

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
  if (opened.ok) {
    // all that answers the proxy from here on is done within this tick
    setImmediate(() => context.live.answered(opened.session as SessionId, opened.untilMs));
    return opened;
  }
  // Beside its certificate a client offers the bare key. After it, what was wrong has been said; before it, nothing is wrong.
  const isFirst = context.proofs.use("refuse", ask.proof.sessionId, context.clocks.monotonicMs());
  const isBareKey = opened.reason === "certificate-required";
  const isPassing = isBareKey && (!isFirst || hasLiveCertificate(context, opened.fingerprint));
  return isPassing ? { ...opened, isPassing } : opened;
}

function hasLiveCertificate({ keeper, clocks }: DecisionContext, keyFingerprint = ""): boolean {
  const nowMs = clocks.wallMs();
  const { state } = keeper;
  for (const certificate of state.certificates.values()) {
    const { fingerprint: certified, revoked } = certificate;
    if (certified !== keyFingerprint || revoked !== undefined) continue;
    if (!isCertificateOver(state, certificate, nowMs)) return true;
  }
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
  const recording = {
    session: newId("ses", randomBytes(ID_RANDOM_BYTES)),
    startedAtMs: context.clocks.wallMs(),
  };
  const space = await context.disk.admit(recording.session);
  if (!space.ok) return { ...denial(ask, login), reason: "disk-full", detail: space.detail };
  try {
    const prepared = prepareSession(context, ask, login, allowed, recording);
    await context.grantTurns.free(allowed.grant.id); // whether it is being extended or taken back is known then
    return await begin(context, ask, carrier, { login, prepared, recording, space });
  } finally {
    if (!context.keeper.state.liveSessions.has(recording.session)) context.disk.forget(recording.session);
  }
}

interface Beginning {
  readonly login: ProvenLogin;
  readonly prepared: PreparedSession;
  readonly recording: NewRecording;
  readonly space: Extract<Admission, { ok: true }>;
}

/** Writes the session down, with what is allowed at this moment; ends it at once when that changed while the disk was waited for. */
async function begin(
  context: DecisionContext,
  ask: Ask,
  carrier: SessionCarrier,
  { login, prepared, recording, space }: Beginning,
): Promise<OpenedSession | Denied> {
  const allowed = decide(context, ask, login);
  if (!allowed.ok) return allowed;
  if (allowed.grant.id !== prepared.grant) return changed(ask, login);
  const { session } = recording;
  const { identity, serial = NO_CERTIFICATE } = login;
  await context.keeper.record({
    ...{ type: "session.started", session, identity, grant: allowed.grant.id, serial },
    ...{ target: ask.target, login: ask.login, clientAddress: ask.clientAddress },
    ...{ recording: recordingName(recording), channels: allowed.channels, proxy: carrier.name },
    untilMs: endOf(context, allowed, login),
    ...keepingOf(context, allowed),
  });
  // An extension that was written down right after it has moved its end.
  const untilMs = context.keeper.state.sessions.get(session)?.untilMs ?? allowed.untilMs;
  context.live.attach(session, carrier, untilMs);
  // While the disk was waited for, the grant may have been revoked: then nobody has cut this session yet.
  const still = decide(context, ask, login);
  const { channels } = allowed;
  if (still.ok && still.grant.id === prepared.grant && hasAll(still, channels))
    return {
      ...prepared,
      ...sayingsOf(ask, allowed, { recording, space }, untilMs),
      channels,
      quotaBytes: space.quotaBytes,
    };
  await context.live.cut(session, cutReason(still), BASTION, "it is no longer allowed");
  await context.keeper.record({ type: "session.ended", session, outcome: "cut" });
  return still.ok ? changed(ask, login) : still;
}

function hasAll(allowed: Allowed, channels: Allowed["channels"]): boolean {
  return channels.every((kind) => allowed.channels.includes(kind));
}

/** How long its recording is kept and what search may keep of it: what its role says now, whatever it says later. */
function keepingOf(
  { config }: DecisionContext,
  { grant }: Allowed,
): Pick<SessionStarted, "retention" | "index"> {
  const { policy, retention: byDefault, recording } = config();
  const { retention = byDefault, index = recording.index } = policy.roles.get(grant.role) ?? {};
  const says = retention?.atHandMs !== undefined || retention?.keepMs !== undefined;
  return { index, ...(says && { retention }) };
}

/** When it ends, for the proxy and for the person. */
function sayingsOf(
  { target, login }: Ask,
  { grant }: Allowed,
  { recording: { session, startedAtMs }, space }: Pick<Beginning, "recording" | "space">,
  untilMs: number,
): Pick<OpenedSession, "untilMs" | "remainingMs" | "banner"> {
  const remainingMs = Math.max(0, untilMs - startedAtMs);
  const until = `until ${utcText(untilMs)} (${spanText(remainingMs)} left)`;
  const emergency = grant.how === "break-glass" ? "; BREAK-GLASS: what is done here will be reviewed" : "";
  const banner = `bascule: ${target} as ${login} ${until}; session ${session} is recorded${emergency}${space.override ? overrideText(space.override) : ""}`;
  return { untilMs, remainingMs, banner };
}

/** A session ends with its grant, or with the certificate that opened it if that is sooner. */
function endOf(
  { keeper }: DecisionContext,
  { untilMs }: Allowed,
  { serial = NO_CERTIFICATE }: ProvenLogin,
): number {
  return Math.min(untilMs, keeper.state.certificates.get(serial)?.validBeforeMs ?? untilMs);
}

function changed(ask: Ask, login: ProvenLogin): Denied {
  return { ...denial(ask, login), reason: "grant-revoked", detail: "while it began" };
}

function cutReason(still: Allowed | Denied): CutReason {
  if (still.ok) return "grant-revoked";
  const { reason } = still;
  if (reason === "locked") return "locked";
  return reason === "role-withdrawn" || reason === "role-narrowed" ? "policy-changed" : "grant-revoked";
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
  const question = { target, login: as, clientAddress, serial: login.serial ?? NO_CERTIFICATE };
  const verdict = mayOpenSession(context.keeper.state, policy, question, context.clocks.wallMs());
  if (verdict.ok) return verdict;
  const { reason, detail, atMs, lock } = verdict;
  const instead = insteadOf(policy, login.identity, ask, reason);
  // that a target is locked, and why, is nobody's business who does not know of it
  if (lock?.kind === "target" && !instead.includes(target))
    return { ...denial(ask, login), reason: "no-grant", detail: "the target is locked" };
  return {
    ...denial(ask, login),
    ...{ reason, detail, instead },
    ...(atMs !== undefined && { atMs }),
    ...(lock !== undefined && { locked: lockedText(lock) }),
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
