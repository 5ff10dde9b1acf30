import type { Command, CommandEntry } from "./define.js";

/** Every command there is, in the order of help. What it takes and what it does is loaded when somebody asks for it. */
export const registry: readonly CommandEntry[] = [
  {
    name: "whoami",
    summary: "Says who you are to the bastion, and in which groups",
    load: async () => (await import("./whoami.js")).whoami,
  },
  {
    name: "targets",
    summary: "Lists the targets that an identity may ask for, with their logins",
    load: async () => (await import("./targets.js")).targets,
  },
  {
    name: "explain",
    summary: "Says which roles give a login on a target, and why the others do not",
    load: async () => (await import("./explain.js")).explain,
  },
  {
    name: "request",
    summary: "Asks for access: where to, as whom, for how long, and why",
    load: async () => (await import("./request.js")).request,
  },
  {
    name: "requests",
    summary: "Lists what waits for you, with the line that approves it, and what you have asked for",
    load: async () => (await import("./requests.js")).requests,
  },
  {
    name: "approve",
    summary: "Says yes to somebody's request, or to a redaction",
    load: async () => (await import("./approve.js")).approve,
  },
  {
    name: "deny",
    summary: "Says no to somebody's request, or to a redaction",
    load: async () => (await import("./deny.js")).deny,
  },
  {
    name: "cancel",
    summary: "Takes back a request of yours that nobody has decided",
    load: async () => (await import("./cancel.js")).cancel,
  },
  {
    name: "cert",
    summary: "Prints a certificate that opens all your live grants, for the key that you logged in with",
    ways: ["ssh", "http"], // the admin at the machine itself is nobody whose grants there could be
    load: async () => (await import("./cert.js")).cert,
  },
  {
    name: "grants",
    summary: "Lists live grants and what is left of them",
    load: async () => (await import("./grants.js")).grants,
  },
  {
    name: "extend",
    summary: "Asks for more time on a live grant; its sessions go on without a reconnect",
    load: async () => (await import("./extend.js")).extend,
  },
  {
    name: "review",
    summary: "Closes the review of a break-glass grant, when you have looked at what was done under it",
    load: async () => (await import("./review.js")).review,
  },
  {
    name: "sessions",
    summary: "Lists sessions, newest last",
    load: async () => (await import("./sessions.js")).sessions,
  },
  {
    name: "show",
    summary: "Shows all there is to know about a session, a grant or a request",
    load: async () => (await import("./show.js")).show,
  },
  {
    name: "revoke",
    summary: "Takes back a grant, a certificate or a key; the sessions that it opened end at once",
    load: async () => (await import("./revoke.js")).revoke,
  },
  {
    name: "lock",
    summary:
      "Ends all sessions of an identity, on a target or by a certificate, and refuses new ones until it is unlocked",
    load: async () => (await import("./lock.js")).lock,
  },
  {
    name: "unlock",
    summary: "Lifts a lock; what was cut stays cut",
    load: async () => (await import("./unlock.js")).unlock,
  },
  {
    name: "locks",
    summary: "Lists what is locked, by whom and why",
    load: async () => (await import("./locks.js")).locks,
  },
  {
    name: "kill",
    summary: "Ends a live session at once; its grant stays",
    load: async () => (await import("./kill.js")).kill,
  },
  {
    name: "cert issue",
    summary: "Gives an identity a grant of your own accord, and prints the certificate that opens it",
    load: async () => (await import("./cert-issue.js")).certIssue,
  },
  {
    name: "replay",
    summary: "Plays a recorded session in the terminal",
    ways: ["local", "ssh"], // HTTP has no use for a path, and no stream for the bytes
    load: async () => (await import("./read-recording.js")).replay,
  },
  {
    name: "watch",
    summary: "Follows a live session in the terminal",
    ways: ["local", "ssh"],
    load: async () => (await import("./read-recording.js")).watch,
  },
  {
    name: "export",
    summary: "Writes a recorded session in another format; over ssh, sealed as it is",
    ways: ["local", "ssh"],
    load: async () => (await import("./read-recording.js")).exportRecording,
  },
  {
    name: "proof",
    summary: "Gives a session's proof, to be checked anywhere: its entries, policy and sealed recording",
    ways: ["local", "ssh"], // HTTP has no stream for the bytes
    load: async () => (await import("./proof.js")).proof,
  },
  {
    name: "verify",
    summary: "Checks the ledger's files, every entry, and that each session has its whole recording",
    load: async () => (await import("./verify.js")).verify,
  },
  {
    name: "access review",
    summary: "Holds what roles give against what was used of it, and proposes smaller ones",
    load: async () => (await import("./access-review.js")).accessReview,
  },
  {
    name: "denials",
    summary: "Lists who was refused and what they had asked for, newest last",
    load: async () => (await import("./denials.js")).denials,
  },
  {
    name: "forget",
    summary:
      "Forgets what a refused person had asked for: of a password typed as a name, only its salted hash is left",
    load: async () => (await import("./denials.js")).forget,
  },
  {
    name: "recipients",
    summary: "Lists the auditors that can open a session's recording",
    load: async () => (await import("./recipients.js")).recipients,
  },
  {
    name: "rewrap",
    summary: "Lets other auditors open a recording, by keys that an auditor has wrapped anew",
    load: async () => (await import("./rewrap.js")).rewrap,
  },
  {
    name: "redact",
    summary: "Asks for blocks of a recording to be destroyed for ever; another redactor approves it",
    load: async () => (await import("./redact.js")).redact,
  },
  {
    name: "redactions",
    summary: "Lists what of recordings waits to be destroyed, and what was",
    load: async () => (await import("./redactions.js")).redactions,
  },
  {
    name: "unseal",
    summary: "Lets another auditor see what was typed on one session's terminals, passwords too",
    load: async () => (await import("./unseal.js")).unseal,
  },
  {
    name: "hold",
    summary:
      "Keeps recordings from being deleted or redacted, whatever their retention says, until it is released",
    load: async () => (await import("./hold.js")).hold,
  },
  {
    name: "holds",
    summary: "Lists legal holds: on what, by whom and why",
    load: async () => (await import("./holds.js")).holds,
  },
  {
    name: "release",
    summary: "Ends a legal hold; what is due by its retention may then be deleted",
    load: async () => (await import("./release.js")).release,
  },
  {
    name: "config",
    summary: "Prints an ssh_config for clients, and the one line that makes them trust the bastion's names",
    load: async () => (await import("./config.js")).config,
  },
  {
    name: "token",
    summary: "Makes a bearer token for the HTTP API: it can do what you can, for a short while",
    ways: ["ssh"],
    load: async () => (await import("./token.js")).tokenCommand(commandNames),
  },
  {
    name: "ca show",
    summary: "Prints the public keys of the three CAs and of the ledger, and where each belongs",
    load: async () => (await import("./ca-show.js")).caShow,
  },
  {
    name: "krl",
    summary: "Prints the OpenSSH key revocation list (binary) of all that was revoked",
    load: async () => (await import("./krl.js")).krl,
  },
  {
    name: "disk show",
    summary: "Shows how full the disks of the recordings and the home are, and what is set aside",
    load: async () => (await import("./disk-show.js")).diskShow,
  },
  {
    name: "disk override",
    summary: "Lets sessions begin on a full disk for a while: one admin asks, another one approves",
    load: async () => (await import("./disk-override.js")).diskOverride,
  },
  {
    name: "doctor",
    summary: "Says how the bastion is doing, and what is wrong with it",
    ways: ["local", "ssh"],
    load: async () => (await import("./doctor.js")).doctor,
  },
];

export async function loadCommand({ load, ...entry }: CommandEntry): Promise<Command> {
  return { ...entry, ...(await load()) };
}

function commandNames(): readonly string[] {
  return registry.map(({ name }) => name);
}
