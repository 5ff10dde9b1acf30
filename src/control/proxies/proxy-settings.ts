import type { PublicKey } from "../../certificate/index.js";
import type { Config } from "../../config/index.js";
import type { ProxySettings } from "../../rpc/index.js";
import { bastionNames } from "../keys/certify-host-key.js";

/** A target on the same network answers in milliseconds; one that is waking up needs some seconds. */
const DIAL_TIMEOUT_MS = 10_000;

/** What a proxy works by: limits and lists, and the public halves that tell a stranger from somebody known. */
export function proxySettings(config: Config, userCa: PublicKey): ProxySettings {
  const { limits, rekey, recording, policy } = config;
  const keys = [...policy.identities.values()].flatMap((identity) => identity.keys);
  return {
    bastionNames: bastionNames(config),
    userCas: [userCa.blob.toString("base64")],
    registeredKeys: keys.map(({ fingerprint }) => fingerprint),
    environment: config.environment,
    banner: config.banner,
    noticesMs: config.noticesMs,
    rekeyBytes: rekey.bytes,
    rekeyEveryMs: rekey.everyMs,
    syncEveryMs: recording.durabilityMs,
    dialTimeoutMs: DIAL_TIMEOUT_MS,
    limits: {
      unauthenticated: limits.unauthenticatedConnections,
      unauthenticatedPerAddress: limits.unauthenticatedConnectionsPerAddress,
      unauthenticatedBytes: limits.unauthenticatedBytes,
      loginGraceMs: limits.loginGraceMs,
      authAttempts: limits.authenticationAttempts,
      connectionsPerMinute: limits.connectionsPerMinutePerAddress,
      channelsPerConnection: limits.channelsPerConnection,
      packetBytes: limits.packetBytes,
    },
  };
}
