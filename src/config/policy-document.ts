import { createHash } from "node:crypto";
import { canonicalJson, type Policy, type Role } from "../access/index.js";
import type { Config, InventoryTarget } from "./config.js";
import { formatHostPort } from "../wording/index.js";

const FORMAT = "bascule-policy-v1";

type Documented = Omit<Config, "path" | "policy" | "webhooks" | "warnings"> & {
  readonly policy: Omit<Policy, "hash">;
};

/**
 * The policy document (docs/proof.md): canonical JSON of everything in a configuration that decides who may do what, and what is
 * recorded of it and for whom. Nothing that is secret: no webhooks, and of a target that is logged in to by a key only that.
 */
export function policyDocument(config: Documented): string {
  const { name, policy, inventory, recording, requests, environment, whenTightened, tokens } = config;
  const { retention, disk, noticesMs, witnesses } = config;
  const { admins, auditors, redactors, unsealers, identities, roles } = policy;
  return canonicalJson({
    ...{ format: FORMAT, name, admins, auditors, redactors, unsealers },
    identities: mapped(identities, ({ groups, keys, workloads }) => ({
      groups,
      keys: keys.map(({ line }) => line),
      workloads,
    })),
    targets: mapped(inventory, targetOf),
    roles: mapped(roles, roleOf),
    recording: {
      ...recording,
      sealTo: Object.fromEntries(recording.sealTo),
      sealApartTo: Object.fromEntries(recording.sealApartTo),
    },
    ...{ requests, retention, disk, environment, whenTightened, tokens, noticesMs },
    witnesses: mapped(witnesses, ({ url, key }) => ({ url, key })),
  });
}

/** Hex SHA-256, as `sha256sum` prints it. */
export function policyHash(document: string): string {
  return createHash("sha256").update(document).digest("hex");
}

function targetOf({ address, login, ...target }: InventoryTarget): object {
  return { ...target, address: formatHostPort(address), login: login.kind };
}

function roleOf({ ticket, ...role }: Role): object {
  return { ...role, ...(ticket !== undefined && { ticket: ticket.source }) };
}

function mapped<T>(values: ReadonlyMap<string, T>, document: (value: T) => object): object {
  return Object.fromEntries([...values].map(([name, value]) => [name, document(value)]));
}
