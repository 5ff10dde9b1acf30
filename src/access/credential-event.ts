import { list, object, oneOf, optional, text, count, type Decode } from "./decode.js";
import { parseFingerprint } from "./fingerprint.js";
import { parseName } from "./name.js";
import { parseReason } from "./text.js";

/** A bearer token for the HTTP API was made. It can do what its identity may, within `commands`, until `untilMs`. */
export interface TokenIssued {
  readonly type: "token.issued";
  /** The token's id (`jti`). */
  readonly token: string;
  readonly identity: string;
  readonly purpose: string;
  /** The only commands that it may run; all if absent. */
  readonly commands?: readonly string[];
  /** Of the key that it was asked for with; none for a workload. */
  readonly fingerprint?: string;
  readonly untilMs: number;
}

/** A robot was let in by the token of its OIDC issuer. */
export interface WorkloadIdentified {
  readonly type: "workload.identified";
  readonly identity: string;
  readonly issuer: string;
  readonly subject: string;
}

export type CredentialEvent = TokenIssued | WorkloadIdentified;

type Decoders = { readonly [T in CredentialEvent["type"]]: Decode<Extract<CredentialEvent, { type: T }>> };

/** Commands that one token may be narrowed to. */
const TOKEN_COMMANDS_MAX = 32;

export const credentialEvents: Decoders = {
  "token.issued": object<TokenIssued>({
    type: oneOf(["token.issued"]),
    token: text(parseReason),
    identity: text(parseName),
    purpose: text(parseReason),
    commands: optional(list(text(parseReason), TOKEN_COMMANDS_MAX)),
    fingerprint: optional(text(parseFingerprint)),
    untilMs: count,
  }),
  "workload.identified": object<WorkloadIdentified>({
    type: oneOf(["workload.identified"]),
    identity: text(parseName),
    issuer: text(parseReason),
    subject: text(parseReason),
  }),
};
