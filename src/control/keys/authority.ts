import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { ChannelKind } from "../../access/index.js";
import {
  generatePrivateKey,
  issueCertificate,
  type PrivateKey,
  type PublicKey,
} from "../../certificate/index.js";
import { encodeVerifierKey, type Signer } from "../../ledger/index.js";
import { readKeyFile, writeKeyFile } from "./key-file.js";
import { makeLedgerKey, openLedgerKey } from "./ledger-key.js";

/** Each key has one job; an engineer's certificate is worth nothing at a target. */
const AUTHORITIES = ["user-ca", "target-ca", "host-ca"] as const;
const LEDGER_KEY = "ledger";

/** How far certificates are backdated, for clocks that are behind ours. */
export const BACKDATED_MS = 60_000;
/** A host certificate's life; a proxy asks for a new one after half of it. */
const HOST_LIFE_MS = 24 * 60 * 60 * 1000;
/** Long enough to dial a slow target, worth nothing soon after. */
const UPSTREAM_LIFE_MS = 5 * 60 * 1000;

/** What a user certificate lets its holder do at the bastion: `ssh -J` is a port forward, its target a terminal. */
const USER_EXTENSIONS = ["permit-port-forwarding", "permit-pty"];

export interface UserCertificate {
  readonly key: PublicKey;
  readonly identity: string;
  readonly keyId: string;
  readonly serial: bigint;
  /** Whole seconds' worth of milliseconds. */
  readonly validAfterMs: number;
  readonly validBeforeMs: number;
  readonly sourceAddresses?: readonly string[];
}

export interface UpstreamCertificate {
  /** The proxy's fresh key for this connection. */
  readonly key: PublicKey;
  readonly login: string;
  readonly keyId: string;
  readonly channels: readonly ChannelKind[];
  /** Where the target sees the bastion come from. */
  readonly sourceAddresses?: readonly string[];
}

/** Holds the private keys of the three CAs and signs with them; what may be signed is decided elsewhere. */
export class Authority {
  readonly userCa: PublicKey;
  readonly targetCa: PublicKey;
  readonly hostCa: PublicKey;
  /** Signs the ledger's checkpoints. */
  readonly ledger: Signer;
  readonly #user: PrivateKey;
  readonly #target: PrivateKey;
  readonly #host: PrivateKey;

  constructor(user: PrivateKey, target: PrivateKey, host: PrivateKey, ledger: Signer) {
    this.ledger = ledger;
    [this.#user, this.#target, this.#host] = [user, target, host];
    [this.userCa, this.targetCa, this.hostCa] = [user.public, target.public, host.public];
  }

  /** What verifies the ledger's checkpoints: a C2SP verifier key, one line. */
  get ledgerVerifier(): string {
    return encodeVerifierKey(this.ledger.verifier);
  }

  /** For an engineer, accepted by the bastion only; exactly one principal, the identity. */
  issueUser(wanted: UserCertificate): Buffer {
    const { key, identity, keyId, serial, validAfterMs, validBeforeMs, sourceAddresses } = wanted;
    return issueCertificate(
      {
        ...{ key, kind: "user", serial, keyId, principals: [identity], nonce: randomBytes(32) },
        ...{ validAfter: seconds(validAfterMs), validBefore: seconds(validBeforeMs) },
        criticalOptions: sourceAddresses === undefined ? {} : { sourceAddresses },
        extensions: USER_EXTENSIONS,
      },
      this.#user,
    );
  }

  /** For one connection to one target as one login. */
  issueUpstream(wanted: UpstreamCertificate, nowMs: number): Buffer {
    const { key, login, keyId, channels, sourceAddresses } = wanted;
    return issueCertificate(
      {
        ...{ key, kind: "user", serial: newSerial(), keyId, principals: [login], nonce: randomBytes(32) },
        ...validity(nowMs, UPSTREAM_LIFE_MS),
        criticalOptions: sourceAddresses === undefined ? {} : { sourceAddresses },
        extensions: extensionsFor(channels),
      },
      this.#target,
    );
  }

  /** For a proxy's own key, to be shown to clients that asked for one of `names`. */
  issueHost(
    key: PublicKey,
    names: readonly string[],
    nowMs: number,
  ): { certificate: Buffer; renewAtMs: number } {
    const fields = { key, kind: "host", serial: newSerial(), keyId: `host ${names.join(",")}` } as const;
    const more = { principals: names, nonce: randomBytes(32), ...validity(nowMs, HOST_LIFE_MS) };
    return {
      certificate: issueCertificate({ ...fields, ...more }, this.#host),
      renewAtMs: nowMs + HOST_LIFE_MS / 2,
    };
  }
}

/** Makes the keys of the three CAs and of the ledger of a bastion of that name. Throws ControlError `key-exists` when one is there. */
export function createAuthorityKeys(keysFolder: string, bastion = "bastion"): void {
  for (const name of AUTHORITIES)
    writeKeyFile(join(keysFolder, name), generatePrivateKey("ed25519"), `bascule ${name}`);
  makeLedgerKey(join(keysFolder, LEDGER_KEY), bastion);
}

/** Throws HomeError `key-missing`, `key-open`, `home-foreign`, ControlError `key-invalid`. */
export function openAuthority(keysFolder: string): Authority {
  const [user, target, host] = AUTHORITIES.map((name) => readKeyFile(join(keysFolder, name)));
  const ledger = openLedgerKey(join(keysFolder, LEDGER_KEY));
  return new Authority(user as PrivateKey, target as PrivateKey, host as PrivateKey, ledger);
}

/** 63 random bits, not zero: signed integers elsewhere hold it too, and zero cannot be revoked. */
export function newSerial(): bigint {
  return BigInt.asUintN(63, randomBytes(8).readBigUInt64BE()) || 1n;
}

function extensionsFor(channels: readonly ChannelKind[]): string[] {
  const has = (...kinds: ChannelKind[]) => kinds.some((kind) => channels.includes(kind));
  return [
    ...(has("agent") ? ["permit-agent-forwarding"] : []),
    ...(has("local-forward", "remote-forward") ? ["permit-port-forwarding"] : []),
    ...(has("shell", "exec") ? ["permit-pty"] : []),
    ...(has("x11") ? ["permit-X11-forwarding"] : []),
  ];
}

function validity(nowMs: number, lifeMs: number): { validAfter: bigint; validBefore: bigint } {
  return { validAfter: seconds(nowMs - BACKDATED_MS), validBefore: seconds(nowMs + lifeMs) };
}

function seconds(ms: number): bigint {
  return BigInt(Math.floor(ms / 1000));
}
