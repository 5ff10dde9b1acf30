import { createHash } from "node:crypto";
import type { EventOf } from "../access/index.js";
import { CertificateError, fingerprint, parsePublicKeyLine } from "../certificate/index.js";
import type { EvidenceSource } from "./evidence-source.js";
import type { Findings } from "./findings.js";
import { policyFile, POLICY_BYTES_MAX } from "./ledger-files.js";

/** Who is said to have signed, with which key, and where that is said first. */
interface Signer {
  readonly by: string;
  readonly key: string;
  /** The policy in force, and the one before it. */
  readonly policies: readonly string[];
  readonly entry: number;
  readonly where: string;
}

/** Fingerprints of a policy's keys, by whose they are. */
type Registered = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * The keys of signed approvals, to be held against policy documents once these are known to be what they should be: a signature
 * by a key that nobody registered is nobody's. A change of policy is an entry a moment before it is obeyed, hence the one before.
 */
export class ApproverKeys {
  readonly #signers = new Map<string, Signer>();
  #policies: readonly string[] = [];

  /** A policy came into force. */
  use(policy: string): void {
    this.#policies = [policy, ...this.#policies.slice(0, 1)];
  }

  /** An approval whose signature is good. */
  note({ by, fingerprint: key = "" }: EventOf<"request.approved">, entry: number, where: string): void {
    const policies = this.#policies;
    const name = [by, key, ...policies].join(" ");
    if (!this.#signers.has(name)) this.#signers.set(name, { by, key, policies, entry, where });
  }

  /** Names who signed with a key that no policy of the time has for them. Where a document is not to be had, that was said. */
  async check(source: EvidenceSource, findings: Findings): Promise<void> {
    const known = new Map<string, Promise<Registered | undefined>>();
    for (const { by, key, policies, entry, where } of this.#signers.values()) {
      let isUnknown = true;
      for (const policy of policies) {
        const reading = known.get(policy) ?? readRegistered(source, policy);
        known.set(policy, reading);
        const registered = await reading;
        if (registered === undefined || registered.get(by)?.has(key) === true) isUnknown = false;
      }
      const detail = `${key} was not a key of ${by} by the policy in force`;
      if (isUnknown) findings.fault({ code: "approval-unproven", where, entry, detail });
    }
  }
}

async function readRegistered(source: EvidenceSource, hash: string): Promise<Registered | undefined> {
  const bytes = await source.read(policyFile(hash), POLICY_BYTES_MAX);
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== hash) return undefined;
  const { identities } = parseObject(bytes.toString());
  return new Map(Object.entries(asObject(identities)).map(([name, identity]) => [name, keysOf(identity)]));
}

function keysOf(identity: unknown): ReadonlySet<string> {
  const { keys } = asObject(identity);
  return new Set((Array.isArray(keys) ? keys : []).flatMap((line) => fingerprintOf(line) ?? []));
}

function fingerprintOf(line: unknown): string | undefined {
  try {
    return typeof line === "string" ? fingerprint(parsePublicKeyLine(line).key) : undefined;
  } catch (error) {
    if (error instanceof CertificateError) return undefined;
    throw error;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return {};
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
