import type { SessionId } from "../access/index.js";
import { fingerprint, idPrefix, inWords, optional, reason, required, serial } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext, type CommandResult } from "./define.js";
import { findGrant, findSession } from "./lookup.js";

export const revoke = defineCommand({
  examples: [
    'revoke grt-9x2m --reason "left the team"',
    'revoke ses-0f3k --reason "the grant behind this session"',
    'revoke --serial 4711 --reason "laptop lost"',
    'revoke --key SHA256:jX… --reason "laptop lost"',
  ],
  audience: "admins",
  positionals: {
    id: optional(idPrefix, { placeholder: "ID", summary: "grt-…, or ses-… for the grant that opened it" }),
  },
  options: {
    serial: optional(serial, { placeholder: "N", summary: "one certificate, by its serial number" }),
    key: optional(fingerprint, {
      placeholder: "SHA256:…",
      summary: "a key, in every certificate and of itself",
    }),
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; whom it concerns reads it" })),
  },
  async run(context, values) {
    const { id, serial: number, key } = values;
    const given = [id, number, key].filter((what) => what !== undefined);
    if (given.length !== 1) throw new CommandError("usage", "give one of: an id, --serial, --key");
    if (id !== undefined) return revokeGrant(context, id, values.reason);
    const { control, caller } = context;
    if (number !== undefined && !control.state.certificates.has(number))
      throw new CommandError("notFound", `no certificate with serial ${number} was issued here`);
    const what = number === undefined ? { fingerprint: key ?? "" } : { serial: number };
    const cut = await control.cuts.revokeCertificate(what, caller.name, values.reason);
    return outcome(number === undefined ? `key ${key ?? ""}` : `certificate ${number}`, what, cut);
  },
});

async function revokeGrant(context: CommandContext, id: string, why: string): Promise<CommandResult> {
  const { control, caller } = context;
  const prefix = id.startsWith("ses-") ? findSession(context, id).grant : id;
  const { grant, revoked } = findGrant(context, prefix);
  if (revoked !== undefined)
    throw new CommandError("failed", `${grant.id} was revoked before, by ${revoked.by}`);
  const cut = await control.cuts.revokeGrant(grant.id, caller.name, why);
  return outcome(grant.id, { grant: grant.id }, cut);
}

function outcome(name: string, what: object, cut: readonly SessionId[]): CommandResult {
  const sessions = cut.length === 0 ? "No live session was open by it." : `Cut: ${cut.join(", ")}.`;
  return { text: `${name} is revoked. ${sessions}\n`, json: { ...what, revoked: true, cut } };
}
