import { z } from "zod";
import { DEFAULTS } from "./defaults.js";
import * as leaf from "./leaf.js";
import { disk, indexMode, retention } from "./keep-schema.js";
import { role } from "./role-schema.js";
import { webhook } from "./webhook-schema.js";
import { witnesses } from "./witness-schema.js";
import { workload } from "./workload-schema.js";

/** How the configuration's keys are read: handed in, so that this room need not know what a key looks like inside. */
export interface ConfigParsers {
  /** Of one OpenSSH public-key line; throws for what is none. */
  readonly publicKey: (line: string) => { readonly fingerprint: string };
  /** Of a witness' verifier key; throws for what is none. By default its shape alone is looked at. */
  readonly witnessKey?: (text: string) => unknown;
  /**
   * Of the secret in a file (absolute path): undefined leaves it out, as the offline reading of a policy does. Throws
   * SecretFileError. By default the file is read.
   */
  readonly secretFile?: (path: string) => string | undefined;
}

/** A public key as it stands in the file, and its `SHA256:…`. */
export interface KeyLine {
  readonly line: string;
  readonly fingerprint: string;
}

/** 32 bytes in base64url, with the last character's spare bits 0. */
const AUDITOR_KEY = /^bascule-auditor:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** The schema of the whole file. What it gives out has every default filled in; references are not yet checked. */
export function configSchema(parsers: ConfigParsers) {
  const keyLine = leaf.parsed("a public key as in id_ed25519.pub", (text): KeyLine => {
    const line = text.trim();
    return { line, fingerprint: parsers.publicKey(line).fingerprint };
  });
  return leaf
    .section({
      listen: leaf.listenAddress
        .prefault(DEFAULTS.listen)
        .describe("Where SSH clients connect; port 0 picks a free one"),
      http: httpAddress().prefault(DEFAULTS.http).describe("Where the HTTP API listens, or off"),
      name: leaf.hostName.prefault(DEFAULTS.name).describe("Name in the bastion's own host certificate"),
      home: leaf.path
        .prefault(DEFAULTS.home)
        .describe("Folder of keys, ledger and sockets, for its owner only"),
      recordings: leaf.path.prefault(DEFAULTS.recordings).describe("Folder of the recordings"),
      archive: leaf.path.optional().describe("Folder for recordings that need not be at hand any more"),
      proxies: proxies().prefault(DEFAULTS.proxies).describe("How many proxy processes; cores: one for each"),
      identities: leaf
        .map(leaf.name, identity(keyLine), "identities by name")
        .describe("People and robots, by name"),
      targets: leaf.map(leaf.name, target(keyLine), "targets by name").describe("Production hosts, by name"),
      roles: leaf.map(leaf.name, role(), "roles by name").describe("Who may ask for what, by name"),
      admins: leaf
        .list(leaf.name, "groups")
        .prefault(DEFAULTS.admins)
        .describe("Groups that administer the bastion"),
      auditors: leaf
        .list(leaf.name, "groups")
        .prefault(DEFAULTS.auditors)
        .describe("Groups that may read recordings"),
      redactors: leaf
        .list(leaf.name, "groups")
        .prefault(DEFAULTS.redactors)
        .describe("Groups that may destroy stretches of recordings, two people at a time"),
      unsealers: leaf
        .list(leaf.name, "groups")
        .prefault(DEFAULTS.unsealers)
        .describe("Groups that may let an auditor see what was typed on the terminals of a session, with a reason"),
      environment: leaf
        .list(leaf.environmentName, "variables' names")
        .prefault([...DEFAULTS.environment])
        .describe("Environment variables that clients may set"),
      banner: leaf
        .oneOf(["on", "off"])
        .prefault(DEFAULTS.banner)
        .describe("Whether each login to a target is told when the grant ends"),
      notices: leaf
        .list(leaf.duration("1s", "1d"), "durations")
        .max(16, { error: "expected at most 16 notices" })
        .prefault([...DEFAULTS.notices])
        .describe("How long before its end a session is warned"),
      recording: recording().describe("How sessions are recorded"),
      retention: retention().optional().describe("How long recordings stay, for roles that say nothing"),
      disk: disk().prefault({}).describe("What happens as the disk fills"),
      requests: requests().prefault({}).describe("How much one identity may ask for"),
      whenTightened: leaf
        .oneOf(["cut", "at-end"])
        .prefault(DEFAULTS.whenTightened)
        .describe("What happens to live sessions that a new policy no longer allows"),
      tokens: leaf
        .section({ life: leaf.duration("1s", "1h").prefault(DEFAULTS.tokens.life) })
        .prefault({})
        .describe("Bearer tokens for the HTTP API"),
      webhooks: leaf
        .map(leaf.name, webhook(), "webhooks by name")
        .prefault(DEFAULTS.webhooks)
        .describe("Who is told of requests, approvals, cuts and failures"),
      witnesses: witnesses(parsers.witnessKey)
        .prefault(DEFAULTS.witnesses)
        .describe("Who elsewhere is asked to cosign the ledger"),
      rekey: rekey().prefault({}).describe("When a connection gets new keys, whichever comes first"),
      limits: limits().prefault({}).describe("What clients may use up"),
    })
    .describe("Configuration of a Bascule bastion");
}

/** What `configSchema` gives out. */
export type ParsedConfig = z.output<ReturnType<typeof configSchema>>;

type KeyLineSchema = z.ZodType<KeyLine, string>;

function identity(keyLine: KeyLineSchema) {
  return leaf.section({
    groups: leaf.list(leaf.name, "groups").prefault([]),
    keys: leaf.list(keyLine, "public keys").prefault([]),
    oidc: leaf.list(workload(), "workloads, each with issuer, audience and claims").prefault([]),
  });
}

function target(keyLine: KeyLineSchema) {
  const shape = leaf.section({
    address: leaf.address,
    hostKeys: leaf.some(keyLine, "public keys").optional(),
    hostCA: keyLine.optional(),
    labels: leaf.map(leaf.labelName, leaf.labelValue, "labels").prefault({}),
    logins: leaf.some(leaf.login, "logins"),
    login: upstreamLogin().prefault("certificate"),
    sourceAddresses: leaf.some(leaf.network, "addresses or networks").optional(),
  });
  const message = "expected hostKeys or hostCA: without one there is no telling whether it is that host";
  return shape.refine(provesItself, { error: message, when: ({ value }) => leaf.isObject(value) });
}

function provesItself(value: object): boolean {
  return Object.hasOwn(value, "hostKeys") || Object.hasOwn(value, "hostCA");
}

function upstreamLogin() {
  const key = leaf.section({ key: leaf.path });
  return z.union([z.literal("certificate"), key], { error: leaf.expecting("certificate, or { key: path }") });
}

function httpAddress() {
  return z.union([z.literal("off"), leaf.listenAddress], {
    error: leaf.expecting("off, or an address such as 127.0.0.1:8022"),
  });
}

function proxies() {
  return z.union([z.literal("cores"), leaf.whole(1, 256)], {
    error: leaf.expecting("cores, or a whole number from 1 to 256"),
  });
}

function recording() {
  const auditorKey = leaf.parsed("an auditor's public key, bascule-auditor:…", (text) => text, AUDITOR_KEY);
  return leaf.section({
    durability: leaf.duration("0s", "1h").prefault(DEFAULTS.recording.durability),
    sealTo: leaf
      .map(leaf.name, auditorKey, "auditors' keys by name")
      .refine((value) => Object.keys(value).length > 0, {
        error: "expected at least one auditor's key: without one nobody could read a recording",
      }),
    index: indexMode()
      .prefault(DEFAULTS.recording.index)
      .describe("What search may keep, for roles that say nothing"),
    sealApartTo: leaf
      .map(leaf.name, auditorKey, "auditors' keys by name")
      .refine((value) => Object.keys(value).length > 0, {
        error: "expected at least one key: leave it out to seal what is typed to those of sealTo",
      })
      .optional(),
  });
}

function requests() {
  const { lapse, openPerIdentity, perHourPerIdentity } = DEFAULTS.requests;
  return leaf.section({
    lapse: leaf.duration("1s", "30d").prefault(lapse),
    openPerIdentity: leaf.whole(1, 1000).prefault(openPerIdentity),
    perHourPerIdentity: leaf.whole(1, 10_000).prefault(perHourPerIdentity),
  });
}

function rekey() {
  return leaf.section({
    bytes: leaf.size("1MiB", "64GiB").prefault(DEFAULTS.rekey.bytes),
    every: leaf.duration("10s", "1d").prefault(DEFAULTS.rekey.every),
  });
}

function limits() {
  const defaults = DEFAULTS.limits;
  return leaf.section({
    unauthenticatedConnections: leaf.whole(1, 100_000).prefault(defaults.unauthenticatedConnections),
    unauthenticatedConnectionsPerAddress: leaf
      .whole(1, 100_000)
      .prefault(defaults.unauthenticatedConnectionsPerAddress),
    connectionsPerMinutePerAddress: leaf
      .whole(1, 1_000_000)
      .prefault(defaults.connectionsPerMinutePerAddress),
    loginGrace: leaf.duration("1s", "10m").prefault(defaults.loginGrace),
    authenticationAttempts: leaf.whole(1, 100).prefault(defaults.authenticationAttempts),
    unauthenticatedBytes: leaf.size("16KiB", "16MiB").prefault(defaults.unauthenticatedBytes),
    channelsPerConnection: leaf.whole(1, 10_000).prefault(defaults.channelsPerConnection),
    packetBytes: leaf.size("33KiB", "35000B").prefault(defaults.packetBytes),
  });
}
