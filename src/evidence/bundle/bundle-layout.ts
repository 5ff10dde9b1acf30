import type { SessionState } from "../../access/index.js";

/** Where things lie in a bundle. Below `ledger/` and `recordings/` it is as in a home. */
export const README_FILE = "README";
export const SESSION_PROOF_FILE = "session.tlog-proof";

/** An entry's bytes, the leaf. */
export function entryFile(index: number): string {
  return `entries/${index}.json`;
}

/** That it is in the log (c2sp.org/tlog-proof@v1). */
export function proofFile(index: number): string {
  return `entries/${index}.tlog-proof`;
}

/** The number in the name of an entry's file. */
export function entryNumber(path: string): number | undefined {
  const digits = /^entries\/(0|[1-9]\d{0,15})\.json$/u.exec(path)?.[1];
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? undefined : Number(digits);
}

export interface ReadmeFacts {
  readonly session: SessionState;
  readonly origin: string;
  readonly size: number;
  /** Numbers of the entries that are here. */
  readonly entries: readonly number[];
  /** The one that `session.tlog-proof` is about. */
  readonly sessionEntry: number;
  readonly witnesses: readonly string[];
  /** Whether the recording is in the bundle. */
  readonly hasRecording: boolean;
}

/** What stands in the bundle for whoever opens it. Made of nothing but what is proven, so that it can be held against it. */
export function readmeText({
  session: of,
  origin,
  size,
  entries,
  sessionEntry,
  witnesses,
  hasRecording,
}: ReadmeFacts): string {
  const { session, identity, login, target, startedAtMs, ended, recording } = of;
  const end =
    ended === undefined
      ? "and was still live: this is what there was so far"
      : `${ended.outcome} ${utc(ended.atMs)}`;
  const seen = witnesses.length === 0 ? "no witness has signed it" : `also signed by ${witnesses.join(", ")}`;
  const sealed = hasRecording
    ? `recordings/${recording}
    The recording, sealed: only an auditor's key opens it. From 32 zero bytes on, SHA-256(head ‖ SHA-256(block)) over its
    blocks must lead to the head that the entry session.ended names (or recording.head, while it is live). The format is
    docs/formats/recording-v1.md of Bascule's sources.`
    : "There is no recording here: nothing was recorded, or it was deleted and only its hash is left.";
  return `Session ${session}
${identity} as ${login} on ${target}, began ${utc(startedAtMs)}, ${end}

To check all of it, with no server and no network:

    bascule verify DIR --verifier KEY

DIR is this folder, KEY the verifier key of the ledger, from somebody whom you trust. Without --verifier the key of
ledger/verifiers is taken, which proves nothing against whoever could replace this whole folder. Exit status 0: all holds.
5: something is wrong, and it is named.

Without Bascule: test/programs/go/bundle-check.go of its sources checks all but what the entries mean, by Go's own
golang.org/x/mod/sumdb/note and sumdb/tlog, and shares no code with what made this. By hand, with any tools that read C2SP formats:

entries/N.json
    Entry N of the ledger, byte for byte, as JSON, for N = ${entries.join(", ")}.
    Its leaf hash is SHA-256(0x00 ‖ bytes): (printf '\\0'; cat entries/N.json) | sha256sum
entries/N.tlog-proof
    That this entry is in the log (c2sp.org/tlog-proof@v1): hashes that lead from the leaf to the root of the checkpoint.
${SESSION_PROOF_FILE}
    The same for entry ${sessionEntry}, the last of the session itself, with its bytes as extra data.
ledger/checkpoint
    The signed statement of the log "${origin}": ${size} entries, and their root (c2sp.org/tlog-checkpoint); ${seen}.
ledger/verifiers
    The verifier keys: first the log's, then those of the witnesses that signed the checkpoint.
ledger/policy/HASH.json
    The policy in force when the session began; sha256sum of the file is its name. The last entry of type bastion.started
    or policy.loaded before session.started names it, and so does the recording's header.
${sealed}

What the entries must show: who asked (request.made), who approved (request.approved, with the signature of their ssh client
where there is one), what was given (grant.issued, grant.extended), the certificate (certificate.issued), and the session.
`;
}

function utc(ms: number): string {
  return new Date(ms).toISOString();
}
