import { GRANT_NAMES_MAX, lockOn, type Grant } from "../../access/index.js";
import { decodeCertificate, encodeCertificateLine, type PublicKey } from "../../certificate/index.js";
import { BACKDATED_MS, newSerial } from "../keys/authority.js";
import type { CertificateAsk, CertificateRefused, Certified } from "./certificate-answer.js";
import { keyToCertify } from "./certified-key.js";
import type { DecisionContext } from "../decision-context.js";
import { liveGrantsOf } from "./live-grants.js";

/** A grant that begins no later than this is named already: who asks for it now will not ask again for the certificate. */
const NAMED_AHEAD_MS = 15 * 60_000;

/** A certificate over all live grants of an identity. `certificate.issued` is on the disk when it resolves. */
export async function certify(
  context: DecisionContext,
  ask: CertificateAsk,
): Promise<Certified | CertificateRefused> {
  const { config, keeper, clocks } = context;
  const { identity, by } = ask;
  const { policy } = config();
  if (!policy.identities.has(identity)) return { ok: false, reason: "unknown-identity" };
  const lock = lockOn(keeper.state, { identity });
  if (lock !== undefined) return { ok: false, reason: "locked", detail: lock.reason };
  const key = keyToCertify(policy, keeper.state, ask);
  if (!key.ok) return key;
  const live = liveGrantsOf(keeper.state, identity, clocks.wallMs(), NAMED_AHEAD_MS);
  const grants = live.slice(0, GRANT_NAMES_MAX);
  if (grants.length === 0) return { ok: false, reason: "no-live-grant" };
  return signCertificate(context, { identity, grants, key: key.key, fingerprint: key.fingerprint, by });
}

/** What is signed: at least one grant, all of that identity. */
export interface CertificateTerms {
  readonly identity: string;
  readonly grants: readonly Grant[];
  readonly key: PublicKey;
  readonly fingerprint: string;
  readonly by: string;
}

/** Signs a user certificate, from a minute ago until the last of its grants ends, and writes it down. */
export async function signCertificate(
  { authority, keeper, clocks }: DecisionContext,
  { identity, grants, key, fingerprint, by }: CertificateTerms,
): Promise<Certified> {
  const ids = grants.map(({ id }) => id);
  const keyId = `${identity}/${ids.join(",")}`;
  const serial = newSerial();
  const validity = {
    validAfterMs: Math.floor((clocks.wallMs() - BACKDATED_MS) / 1000) * 1000,
    validBeforeMs: Math.max(...grants.map(({ untilMs }) => untilMs)),
  };
  const blob = authority.issueUser({ key, identity, keyId, serial, ...validity, ...commonSources(grants) });
  const issued = { serial: serial.toString(), fingerprint };
  await keeper.record({ type: "certificate.issued", identity, grants: ids, ...issued, ...validity, by });
  const certificate = encodeCertificateLine(decodeCertificate(blob), keyId);
  return { ok: true, certificate, ...issued, grants: ids, validBeforeMs: validity.validBeforeMs };
}

/** A certificate for several grants may be used from where any of them may; each session is held to its own grant's. */
function commonSources(grants: readonly Grant[]): { sourceAddresses?: readonly string[] } {
  const sources = new Set<string>();
  for (const { sourceAddresses } of grants) {
    if (sourceAddresses === undefined) return {};
    for (const source of sourceAddresses) sources.add(source);
  }
  return { sourceAddresses: [...sources] };
}
