import type { IndexMode, Policy, Retention } from "../access/index.js";
import type { HostPort } from "../wording/index.js";
import type { DiskMark } from "./disk-mark.js";

/** How the bastion logs in at a target: by a certificate of the target CA, or by a private key kept on the bastion. */
export type UpstreamLogin =
  { readonly kind: "certificate" } | { readonly kind: "key"; /** Absolute. */ readonly path: string };

/** Where a target is, and how it proves that it is that target. At least one of `hostKeys` and `hostCA` is there. */
export interface InventoryTarget {
  readonly name: string;
  readonly address: HostPort;
  /** Public keys, one OpenSSH line each; each was parsed once, so parsing again cannot fail. */
  readonly hostKeys: readonly string[];
  /** The CA whose host certificates (for `name` or the address) are accepted, one OpenSSH line. */
  readonly hostCA?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly logins: readonly string[];
  readonly login: UpstreamLogin;
  /** Addresses that upstream certificates are bound to: where this target sees the bastion come from. */
  readonly sourceAddresses?: readonly string[];
}

/** What a stranger, or a client that was let in, may use up. Each has a default with its reason in `defaults.ts`. */
export interface Limits {
  readonly unauthenticatedConnections: number;
  readonly unauthenticatedConnectionsPerAddress: number;
  readonly connectionsPerMinutePerAddress: number;
  readonly loginGraceMs: number;
  readonly authenticationAttempts: number;
  readonly unauthenticatedBytes: number;
  readonly channelsPerConnection: number;
  readonly packetBytes: number;
}

export interface RecordingSettings {
  /** At most this much of a recording is lost when the machine loses power. 0: sync at every write. */
  readonly durabilityMs: number;
  /** What search may keep of sessions under roles that say nothing. */
  readonly index: IndexMode;
  /** Auditors' public keys (`bascule-auditor:…`) by name: who can read recordings. */
  readonly sealTo: ReadonlyMap<string, string>;
  /** The same for what was typed on terminals: who can see what was not echoed. Those of `sealTo` where it was left out. */
  readonly sealApartTo: ReadonlyMap<string, string>;
  /** Whether the configuration named them. */
  readonly isApartToOthers: boolean;
}

/** What happens as the disks of the recordings and of the home fill. */
export interface DiskSettings {
  readonly warnBelow: DiskMark;
  readonly fullBelow: DiskMark;
  /** Set aside for each session at its start. */
  readonly reserveBytes: number;
  /** Of the file that is given up when the disk is all but full; 0: none. */
  readonly ballastBytes: number;
  readonly whenFull: "refuse" | "two-people";
}

/** How much one identity may ask for. */
export interface RequestSettings {
  /** How long a request waits for its approvals. */
  readonly lapseMs: number;
  readonly openPerIdentity: number;
  readonly perHourPerIdentity: number;
}

/** Somebody who is told of what happens: a receiver of Standard Webhooks, or of Slack's messages. */
export interface WebhookSettings {
  readonly name: string;
  readonly url: string;
  readonly format: "standard" | "slack";
  /** `whsec_…`, from the file or from a file of its own; there always is one for `standard`, unless secret files are left unread. */
  readonly secret?: string;
  /** Globs over the names of events. */
  readonly events: readonly string[];
}

/** Somebody elsewhere who is asked to cosign the ledger's checkpoints. */
export interface WitnessSettings {
  readonly name: string;
  /** Its submission prefix, without a slash at the end. */
  readonly url: string;
  /** Its verifier key (c2sp.org/tlog-cosignature), one line. */
  readonly key: string;
}

/** A mistake or a doubt, where it is in the file, and what was expected there. */
export interface ConfigMistake {
  /** `targets.prod-db-1.address`; empty for the file as a whole. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** One whole, checked configuration. All paths are absolute. */
export interface Config {
  /** The file that it came from. */
  readonly path: string;
  readonly listen: HostPort;
  readonly http: HostPort | "off";
  readonly name: string;
  readonly home: string;
  readonly recordings: string;
  /** Folder for recordings that need not be at hand any more; without one they stay. */
  readonly archive?: string;
  /** For roles that say nothing; without it recordings are kept for ever, at hand. */
  readonly retention?: Retention;
  readonly disk: DiskSettings;
  /** Number of proxy processes. */
  readonly proxies: number | "cores";
  /** Who may do what; `policy.hash` is that of `policyDocument`. */
  readonly policy: Policy;
  /** By name; the same names as `policy.targets`. */
  readonly inventory: ReadonlyMap<string, InventoryTarget>;
  readonly limits: Limits;
  /** Names of environment variables that a client may set, `LC_*` style globs. */
  readonly environment: readonly string[];
  /** Whether each login to a target is told when the grant ends, before anything else. */
  readonly banner: boolean;
  readonly recording: RecordingSettings;
  readonly requests: RequestSettings;
  /** What happens to live sessions that a new policy no longer allows: cut at once, or left until their grant ends. */
  readonly whenTightened: "cut" | "at-end";
  readonly tokens: { readonly lifeMs: number };
  /** By name. */
  readonly webhooks: ReadonlyMap<string, WebhookSettings>;
  /** By name. */
  readonly witnesses: ReadonlyMap<string, WitnessSettings>;
  readonly rekey: { readonly bytes: number; readonly everyMs: number };
  /** How long before the end a session is warned, longest first. */
  readonly noticesMs: readonly number[];
  /** What is allowed, but hardly meant (a role that nobody can use). */
  readonly warnings: readonly ConfigMistake[];
}
