import { emptyState, fold, type SessionId, type SessionState, type State } from "../../access/index.js";
import {
  encodeTlogProof,
  encodeVerifiers,
  isSignedAs,
  leafHash,
  parseNote,
  parseVerifiers,
  proveInclusion,
  verifyTlogProof,
  type ReadTile,
  type VerifierKey,
} from "../../ledger/index.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceSource } from "../evidence-source.js";
import { VERIFIERS_FILE } from "../known-keys.js";
import { openEntry } from "../ledger-entry.js";
import { policyFile, POLICY_BYTES_MAX } from "../ledger-files.js";
import { CHECKPOINT_FILE } from "../signed-checkpoint.js";
import { entryFile, proofFile, README_FILE, readmeText, SESSION_PROOF_FILE } from "./bundle-layout.js";
import { readCheckpoints, type ReadCheckpoint } from "./checkpoints.js";
import { findEntries, type FindOptions, type FoundEntry } from "./find-entries.js";
import { tilesOf } from "./ledger-reader.js";
import { sessionEntry } from "./session-entry.js";

const VERIFIERS_BYTES_MAX = 64 * 1024;

/** A file of a bundle: its bytes, or where they lie in the evidence that it is made from. */
export type BundleFile =
  { readonly path: string; readonly bytes: Buffer } | { readonly path: string; readonly from: string };

export interface Bundle {
  readonly session: SessionState;
  readonly files: readonly BundleFile[];
  readonly entries: number;
  /** Entries under the checkpoint of the proofs. */
  readonly size: number;
  /** Names of the witnesses that signed it. */
  readonly witnesses: readonly string[];
}

/**
 * Makes a session's bundle out of a home's evidence: every entry that matters for it with its proof, under the witnessed checkpoint
 * if that one has them all, else under the newest. Each proof is verified before it is given. Throws EvidenceError `not-found` for
 * a session that the checkpoint does not know, and as reading does; LedgerError for what does not prove.
 */
export async function makeBundle(
  source: EvidenceSource,
  session: SessionId,
  options: FindOptions = {},
): Promise<Bundle> {
  const { newest, witnessed } = await readCheckpoints(source);
  const found = await findEntries(source, session, newest.size, options);
  const checkpoint = witnessed !== undefined && hasAll(witnessed, found) ? witnessed : newest;
  const entries = found.filter(({ index }) => index < checkpoint.size);
  const state = stateOf(entries).sessions.get(session);
  const own = sessionEntry(entries, session);
  if (state === undefined || own === undefined)
    throw new EvidenceError("not-found", `no entry under the checkpoint speaks of ${session}`);
  const keys = await keysFor(source, checkpoint);
  const proofs = await prove(tilesOf(source), entries, checkpoint, keys.log);
  const recording = await recordingOf(source, state);
  const { origin, size } = checkpoint;
  const witnesses = keys.witnesses.map(({ name }) => name);
  const facts = { session: state, origin, size, sessionEntry: own.index, witnesses };
  const readme = { ...facts, entries: entries.map(({ index }) => index), hasRecording: recording.length > 0 };
  const sessionProof = proofs.get(own.index) ?? "";
  const files: BundleFile[] = [
    textFile(README_FILE, readmeText(readme)),
    textFile(SESSION_PROOF_FILE, withExtra(sessionProof, own.bytes)),
    textFile(CHECKPOINT_FILE, checkpoint.note),
    textFile(VERIFIERS_FILE, encodeVerifiers(keys)),
    ...(await policiesOf(source, entries)),
    ...entries.flatMap(({ index, bytes }) => [
      { path: entryFile(index), bytes },
      textFile(proofFile(index), proofs.get(index) ?? ""),
    ]),
    ...recording,
  ];
  return { session: state, files, entries: entries.length, size, witnesses };
}

/** Whether a checkpoint has every entry that matters: who read the recording since is no matter of what happened. */
function hasAll({ size }: ReadCheckpoint, entries: readonly FoundEntry[]): boolean {
  return entries.every(({ index, event }) => index < size || event.type === "recording.read");
}

/** What the session's own entries come to. An entry that cannot be is for whoever verifies to say. */
function stateOf(entries: readonly FoundEntry[]): State {
  const state = emptyState();
  for (const { index, bytes, event } of entries) {
    const opened = openEntry(index, bytes);
    if (typeof opened !== "string") fold(state, event, opened.atMs);
  }
  return state;
}

/** The log's key, and those of the witnesses that signed this very checkpoint. */
async function keysFor(
  source: EvidenceSource,
  { note }: ReadCheckpoint,
): Promise<{ readonly log: VerifierKey; readonly witnesses: readonly VerifierKey[] }> {
  const bytes = await source.read(VERIFIERS_FILE, VERIFIERS_BYTES_MAX);
  if (bytes === undefined) throw new EvidenceError("unreadable", "it is missing", { where: VERIFIERS_FILE });
  const { log, witnesses } = parseVerifiers(bytes.toString());
  const { signatures } = parseNote(note);
  // in the order of the signatures
  return { log, witnesses: signatures.flatMap((line) => witnesses.filter((key) => isSignedAs(line, key))) };
}

async function prove(
  tiles: ReadTile,
  entries: readonly FoundEntry[],
  { size, note: checkpoint }: ReadCheckpoint,
  key: VerifierKey,
): Promise<ReadonlyMap<number, string>> {
  const proofs = new Map<number, string>();
  for (const { index, bytes } of entries) {
    const proof = { index, hashes: await proveInclusion(tiles, index, size), checkpoint };
    verifyTlogProof({ proof, leaf: leafHash(bytes), key });
    proofs.set(index, encodeTlogProof(proof));
  }
  return proofs;
}

/** The same proof with the entry in it, so that this one file says what it proves. */
function withExtra(proof: string, bytes: Buffer): string {
  const [format = "", ...rest] = proof.split("\n");
  return [format, `extra ${bytes.toString("base64")}`, ...rest].join("\n");
}

async function policiesOf(source: EvidenceSource, entries: readonly FoundEntry[]): Promise<BundleFile[]> {
  const hashes = new Set<string>();
  for (const { event } of entries) {
    if (event.type === "bastion.started") hashes.add(event.policy);
    if (event.type === "policy.loaded") hashes.add(event.hash);
  }
  return Promise.all(
    [...hashes].map(async (hash) => {
      const path = policyFile(hash);
      const bytes = await source.read(path, POLICY_BYTES_MAX);
      if (bytes === undefined) throw new EvidenceError("unreadable", "a policy is missing", { where: path });
      return { path, bytes };
    }),
  );
}

/** As it lies, sealed; from the archive when it has moved there. */
async function recordingOf(source: EvidenceSource, session: SessionState): Promise<BundleFile[]> {
  const path = `recordings/${session.recording}`;
  const places = [path, ...(session.archived === undefined ? [] : [`archive/${session.archived.path}`])];
  for (const from of places) {
    const pieces = await source.open(from);
    if (pieces === undefined) continue;
    for await (const piece of pieces) if (piece.length > 0) break; // it is there, and read when it is written
    return [{ path, from }];
  }
  return [];
}

function textFile(path: string, text: string): BundleFile {
  return { path, bytes: Buffer.from(text) };
}
