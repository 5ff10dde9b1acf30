/** What can be wrong with evidence. The list is closed; programs may rely on the names. */
export const EVIDENCE_FAULT_CODES = [
  // The signed statements.
  "checkpoint-missing",
  "checkpoint-invalid", // no checkpoint, or not exactly what a checkpoint is
  "checkpoint-signature", // not signed by the log's key
  "cosignature-invalid", // a witness' line that its key did not make, or of a key that nobody names
  "cosignature-missing", // no witness signed of those whose keys were given
  "verifiers-invalid", // ledger/verifiers is not what it should be, or names another log key than was given
  "checkpoint-inconsistent", // the tree is not the one that this (older, or witnessed) checkpoint stands for
  "ledger-shorter", // an older or witnessed checkpoint has entries that the ledger has not
  // The ledger's files.
  "tile-missing",
  "tile-mismatch", // a tile holds other hashes than the entries give
  "bundle-missing",
  "bundle-invalid",
  "bundle-mismatch", // a left-over partial bundle holds other entries
  "root-mismatch", // the entries do not give the root that was signed
  "unexpected-file", // a file where evidence lies that nothing accounts for
  // What entries say.
  "entry-invalid", // not the canonical JSON of an entry with that number
  "entry-undecodable", // an event that this version does not know, or with unsound content
  "impossible-event", // something that cannot follow what came before: a grant without its quorum, for one
  "time-disproved", // something that only a wrong clock has allowed, by a witness' clock
  "approval-unproven", // a signed approval whose signature, key or touch is not what the entry says
  "policy-missing",
  "policy-mismatch", // a policy document that does not have its hash
  // The bundle of one session.
  "proof-invalid", // an entry is not proven to be in the log
  "bundle-incomplete", // what is there does not make up one session, or is not all that was there
  // Recordings.
  "recording-missing",
  "recording-invalid", // not a whole, true recording
  "recording-mismatch", // not the bytes that the ledger promised
  "recording-other-session", // its header says something else than the session's entry
  "recording-unknown", // no entry speaks of it
  "recording-beyond", // bytes beyond the last head of a session that has ended
  "recording-unpromised", // a session that ended in order, and no head of its recording
  "substitute-unknown", // blocks taken out or keys changed without an entry that says so
  "substitute-missing", // an entry says that blocks were taken out, and they are there
  "seal-broken", // an auditor's key does not open what was sealed
] as const;
export type EvidenceFaultCode = (typeof EVIDENCE_FAULT_CODES)[number];

/** One thing that is wrong. */
export interface EvidenceFault {
  readonly code: EvidenceFaultCode;
  /** The file, relative to the folder or address that was verified (`ledger/tile/0/000`); with its whole path if it lies elsewhere. */
  readonly where: string;
  /** Where in the file, in bytes, as near as can be told. */
  readonly offset?: number;
  /** The ledger entry in question. */
  readonly entry?: number;
  readonly session?: string;
  readonly detail: string;
}
