import type { Approvals } from "./approvals.js";
import type { ChannelKind } from "./channel-kind.js";
import type { IndexMode, Retention } from "./retention.js";

/** A person or robot known to the bastion. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
  readonly keys: readonly IdentityKey[];
  /** Tokens of OIDC issuers by which a robot may be this identity. */
  readonly workloads: readonly Workload[];
}

/** What a workload's identity token must say, all of it (OpenID Connect Core section 2). */
export interface Workload {
  readonly issuer: string;
  readonly audience: string;
  /** Each claim must have exactly this value. At least one, as an issuer serves many. */
  readonly claims: Readonly<Record<string, string>>;
}

export interface IdentityKey {
  /** The public key as one OpenSSH line. */
  readonly line: string;
  /** `SHA256:…` */
  readonly fingerprint: string;
}

/** What policy needs to know of a target; where it is and how it is reached stands in the configuration's inventory. */
export interface PolicyTarget {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logins: readonly string[];
}

/** Which targets a role speaks of: every label must match, or any of the globs (`prod-db-*`). */
export type TargetSelector =
  | { readonly by: "labels"; readonly labels: Readonly<Record<string, string>> }
  | { readonly by: "names"; readonly globs: readonly string[] };

export interface Role {
  readonly name: string;
  /** Who may ask: members of any of these. */
  readonly groups: readonly string[];
  readonly targets: TargetSelector;
  readonly logins: readonly string[];
  readonly maxDurationMs: number;
  readonly approvals: Approvals;
  /** Whether its members may let themselves in in an emergency, to be looked at afterwards. */
  readonly breakGlass: boolean;
  /** The longest extension that a holder may give themselves, once a grant; none without it. */
  readonly selfExtensionMs?: number;
  readonly reason: "required" | "optional";
  /** What a ticket must look like, where one is demanded: given apart, or as a word of the reason. */
  readonly ticket?: RegExp;
  readonly channels: readonly ChannelKind[];
  /** How long recordings are kept; for ever, at hand, if absent. */
  readonly retention?: Retention;
  /** What search may keep of recordings; nothing if absent. */
  readonly index?: IndexMode;
  /** Networks that sessions may come from; anywhere if absent. */
  readonly sourceAddresses?: readonly string[];
}

/** Who may do what: produced by the configuration, replaced whole on reload. Maps are by name. */
export interface Policy {
  /** Hex SHA-256 of the policy document, which says all that decides who may do what. */
  readonly hash: string;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly targets: ReadonlyMap<string, PolicyTarget>;
  readonly roles: ReadonlyMap<string, Role>;
  /** Groups whose members administer the bastion. */
  readonly admins: readonly string[];
  /** Groups whose members may read recordings and the ledger. */
  readonly auditors: readonly string[];
  /** Groups whose members may have blocks of recordings destroyed, two people at a time. */
  readonly redactors: readonly string[];
  /** Groups whose members may let an auditor see what was typed on the terminals of a session. */
  readonly unsealers: readonly string[];
}

/** Whether an identity is in one of `groups`. No groups: nobody. */
export function isMemberOf(identity: Identity, groups: readonly string[]): boolean {
  return identity.groups.some((group) => groups.includes(group));
}
