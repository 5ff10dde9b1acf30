import { join } from "node:path";
import { NO_CERTIFICATE, type SessionId, type SessionVerdict } from "../../access/index.js";
import { decodePublicKey, fingerprint, parsePublicKeyLine } from "../../certificate/index.js";
import type { InventoryTarget } from "../../config/index.js";
import type { KeylessHeader } from "../../recording/index.js";
import type { Calls, OpenedSession, UpstreamTarget, TargetLogin } from "../../rpc/index.js";
import { bytesOf } from "../base64.js";
import type { DecisionContext } from "../decision-context.js";
import { readKeyFile } from "../keys/key-file.js";
import type { ProvenLogin } from "../logins/login-proof.js";

type Ask = Calls["openSession"]["params"];
type Allowed = Extract<SessionVerdict, { ok: true }>;

/** All that a proxy needs for a session, but its end: that may move until the session is written down. */
export type PreparedSession = Omit<
  OpenedSession,
  "untilMs" | "remainingMs" | "banner" | "channels" | "quotaBytes"
>;

/** A session that is about to be, and its recording. */
export interface NewRecording {
  readonly session: SessionId;
  readonly startedAtMs: number;
}

/** `<date>/<session>.bsr` under the recordings folder. */
export function recordingName({ session, startedAtMs }: NewRecording): string {
  return `${new Date(startedAtMs).toISOString().slice(0, 10)}/${session}.bsr`;
}

/** Makes the recording's header and the login at the target. */
export function prepareSession(
  context: DecisionContext,
  ask: Ask,
  login: ProvenLogin,
  allowed: Allowed,
  recording: NewRecording,
): PreparedSession {
  const config = context.config();
  const target = config.inventory.get(ask.target);
  if (target === undefined) throw new Error(`target ${ask.target} is in the policy but not in the inventory`);
  const { session } = recording;
  const { grant } = allowed;
  const { sealTo, sealApartTo } = config.recording;
  const header: KeylessHeader = {
    ...headerOf(ask, login, allowed, target, recording),
    policy: config.policy.hash,
    bastion: config.name,
  };
  return {
    ...{ ok: true, session, identity: login.identity, grant: grant.id },
    upstream: upstreamOf(target),
    targetLogin: targetLogin(context, ask, session, login, allowed, target),
    recordingPath: join(config.recordings, recordingName(recording)),
    recordingHeader: JSON.stringify(header),
    auditors: [...sealTo.values()],
    apartAuditors: [...sealApartTo.values()],
  };
}

function headerOf(
  ask: Ask,
  { identity, serial = NO_CERTIFICATE }: ProvenLogin,
  { grant }: Allowed,
  target: InventoryTarget,
  { session, startedAtMs }: NewRecording,
): Omit<KeylessHeader, "policy" | "bastion"> {
  const isEmergency = grant.how === "break-glass";
  // in the order that recording-v1 wants
  return {
    ...{ format: "bascule-recording-v1", session, identity, grant: grant.id },
    approvers: [...grant.approvers],
    reason: isEmergency ? `break-glass: ${grant.reason}` : grant.reason,
    ...{ serial, clientAddress: ask.clientAddress, target: ask.target, login: ask.login },
    hostKey: expectedHostKey(target),
    startedAtMs,
  };
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
