import type { SessionId } from "../../access/index.js";
import { leafHash, LedgerError, parseTlogProof, verifyTlogProof } from "../../ledger/index.js";
import { EntryHistory } from "../entry-history.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceFaultCode } from "../evidence-fault.js";
import type { EvidenceReport } from "../evidence-report.js";
import type { EvidenceSource } from "../evidence-source.js";
import { Findings } from "../findings.js";
import { knownKeys, VERIFIERS_FILE, type KnownKeys } from "../known-keys.js";
import { LedgerFiles } from "../ledger-files.js";
import { checkPolicies } from "../policy-check.js";
import { RecordingsCheck } from "../recordings-check.js";
import { CHECKPOINT_FILE, NOTE_BYTES_MAX, openSigned, type SignedCheckpoint } from "../signed-checkpoint.js";
import type { VerifyEvidenceOptions } from "../verify-options.js";
import {
  entryFile,
  entryNumber,
  policyFile,
  proofFile,
  README_FILE,
  readmeText,
  SESSION_PROOF_FILE,
} from "./bundle-layout.js";
import { openFound, type FoundEntry } from "./find-entries.js";
import { sessionEntry } from "./session-entry.js";

/** More than a proof, a README or an entry has. */
const SMALL_BYTES_MAX = 512 * 1024;
/** A session with more entries of its own was never seen. */
const ENTRIES_MAX = 100_000;

/** Whether a source is the bundle of one session, and no home. */
export async function isBundle(source: EvidenceSource): Promise<boolean> {
  return (await source.read(SESSION_PROOF_FILE, SMALL_BYTES_MAX)) !== undefined;
}

/**
 * Verifies the bundle of one session from its files alone: every entry's proof under the checkpoint, what the entries say (the quorum,
 * signed approvals), the policy, the recording, and that there is no file and no byte of another kind. What is wrong is in the
 * report. Throws EvidenceError when nothing can be said.
 */
export function verifyBundle(
  source: EvidenceSource,
  options: Pick<VerifyEvidenceOptions, "verifiers" | "auditorKeys" | "signal"> = {},
): Promise<EvidenceReport> {
  return new BundleVerification(source, options).run();
}

class BundleVerification {
  readonly #source: EvidenceSource;
  readonly #options: Pick<VerifyEvidenceOptions, "verifiers" | "auditorKeys" | "signal">;
  readonly #findings = new Findings();
  readonly #history: EntryHistory;
  readonly #recordings: RecordingsCheck;
  readonly #entries: FoundEntry[] = [];
  /** Files that something accounts for. */
  readonly #taken = new Set<string>();

  constructor(
    source: EvidenceSource,
    options: Pick<VerifyEvidenceOptions, "verifiers" | "auditorKeys" | "signal">,
  ) {
    [this.#source, this.#options] = [source, options];
    this.#history = new EntryHistory(this.#findings, () => undefined);
    // a bundle has its recording in one place, wherever it lay when it was made
    const at = { ...source, hasArchive: false };
    this.#recordings = new RecordingsCheck(this.#history, {
      source: at,
      auditorKeys: options.auditorKeys ?? [],
    });
  }

  async run(): Promise<EvidenceReport> {
    const source = this.#source;
    const keys = await knownKeys(source, this.#options.verifiers ?? [], this.#findings);
    const note = await this.#readSmall(CHECKPOINT_FILE, NOTE_BYTES_MAX);
    this.#taken.add(VERIFIERS_FILE);
    if (note === undefined) this.#wrong("checkpoint-missing", CHECKPOINT_FILE, "it is missing");
    const checkpoint = keys && note && openSigned(note, source.show(CHECKPOINT_FILE), keys, this.#findings);
    if (keys !== undefined && note !== undefined && checkpoint !== undefined)
      await this.#checkAll(keys, checkpoint, note);
    else this.#findings.note("without a sound checkpoint, nothing else was checked");
    return this.#report(keys?.isLogGiven ?? false, checkpoint);
  }

  async #checkAll(keys: KnownKeys, checkpoint: SignedCheckpoint, note: Buffer): Promise<void> {
    this.#checkVerifiers(keys, checkpoint);
    const paths = await this.#paths();
    const numbers = paths.flatMap((path) => entryNumber(path) ?? []).sort((a, b) => a - b);
    if (numbers.length > ENTRIES_MAX) throw new EvidenceError("too-large", `${numbers.length} entries`);
    for (const index of numbers) {
      this.#options.signal?.throwIfAborted();
      await this.#takeEntry(index, keys, note);
    }
    const sessions = [...this.#history.state.sessions.values()];
    const [session] = sessions;
    if (session === undefined || sessions.length > 1) {
      this.#wrong("bundle-incomplete", README_FILE, `it speaks of ${sessions.length} sessions, not of one`);
      return;
    }
    await this.#checkSessionProof(session.session, keys, note);
    await this.#checkReadme(session.session, checkpoint);
    this.#taken.add(`recordings/${session.recording}`);
    for (const hash of this.#history.policies.keys()) this.#taken.add(policyFile(hash));
    const strangers = paths.filter((path) => !this.#taken.has(path));
    for (const path of strangers) this.#wrong("unexpected-file", path, "nothing accounts for this file");
  }

  /** Every file, by its path below the bundle. */
  async #paths(): Promise<readonly string[]> {
    const listed = (await this.#source.list(".")) ?? [];
    return listed.map((path) => path.replace(/^\.\//u, "")).sort();
  }

  /** A key that signed nothing here does not belong here: nobody could tell whether it was changed. */
  #checkVerifiers({ log, witnesses }: KnownKeys, { by }: SignedCheckpoint): void {
    const signed = new Set(by.map(({ name }) => name));
    for (const { key, isGiven } of witnesses)
      if (!isGiven && !signed.has(key.name))
        this.#wrong(
          "verifiers-invalid",
          VERIFIERS_FILE,
          `${key.name} has not signed the checkpoint of ${log.name}`,
        );
  }

  async #takeEntry(index: number, keys: KnownKeys, note: Buffer): Promise<void> {
    const path = entryFile(index);
    const bytes = await this.#readSmall(path);
    const proof = await this.#readSmall(proofFile(index));
    if (bytes === undefined) return;
    if (proof === undefined) {
      this.#wrong("proof-invalid", path, "its proof is missing", index);
      return;
    }
    if (!this.#isProven({ path: proofFile(index), proof, bytes, index }, keys, note)) return;
    this.#history.take({ index, bytes, leaf: leafHash(bytes), where: this.#source.show(path) });
    if (this.#findings.faults.length === 0) this.#entries.push(openFound(index, bytes));
  }

  #isProven(
    { path, proof, bytes, index }: { path: string; proof: Buffer; bytes: Buffer; index: number },
    { log }: KnownKeys,
    note: Buffer,
  ): boolean {
    try {
      const parsed = parseTlogProof(proof);
      const isOurs = parsed.index === index && note.equals(Buffer.from(parsed.checkpoint));
      if (!isOurs) throw new LedgerError("proof-invalid", "it is for another entry or another checkpoint");
      if (parsed.extra !== undefined && !parsed.extra.equals(bytes))
        throw new LedgerError("proof-invalid", "the entry in it is another one");
      verifyTlogProof({ proof: parsed, leaf: leafHash(bytes), key: log });
      return true;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.#wrong("proof-invalid", path, error.message, index);
      return false;
    }
  }

  async #checkSessionProof(session: SessionId, keys: KnownKeys, note: Buffer): Promise<void> {
    const proof = await this.#readSmall(SESSION_PROOF_FILE);
    const own = sessionEntry(this.#entries, session);
    if (proof === undefined) this.#wrong("proof-invalid", SESSION_PROOF_FILE, "it is missing");
    if (proof === undefined || own === undefined) return;
    const { index, bytes } = own;
    const isProven = this.#isProven({ path: SESSION_PROOF_FILE, proof, bytes, index }, keys, note);
    if (isProven && parseTlogProof(proof).extra === undefined)
      this.#wrong("proof-invalid", SESSION_PROOF_FILE, "it does not hold the entry", index);
  }

  /** It is made of what the rest proves, so it can be made again. */
  async #checkReadme(id: SessionId, { origin, size, by }: SignedCheckpoint): Promise<void> {
    const found = await this.#readSmall(README_FILE);
    const session = this.#history.state.sessions.get(id);
    const own = sessionEntry(this.#entries, id);
    // what is wrong with an entry was said; the README cannot be made of it
    if (session === undefined || own === undefined || this.#findings.faults.length > 0) return;
    const pieces = await this.#source.open(`recordings/${session.recording}`);
    let hasRecording = false;
    for await (const piece of pieces ?? []) {
      hasRecording = piece.length > 0;
      break;
    }
    const entries = this.#entries.map(({ index }) => index);
    const witnesses = by.map(({ name }) => name);
    const text = readmeText({
      session,
      origin,
      size,
      entries,
      sessionEntry: own.index,
      witnesses,
      hasRecording,
    });
    if (found?.toString() !== text)
      this.#wrong(
        "bundle-incomplete",
        README_FILE,
        "it is not what the entries here would make it: one is missing, or it was changed",
      );
  }

  async #readSmall(path: string, bytesMax = SMALL_BYTES_MAX): Promise<Buffer | undefined> {
    this.#taken.add(path);
    return this.#source.read(path, bytesMax);
  }

  #wrong(code: EvidenceFaultCode, path: string, detail: string, entry?: number): void {
    const where = this.#source.show(path);
    this.#findings.fault({ code, where, detail, ...(entry !== undefined && { entry }) });
  }

  async #report(isKeyGiven: boolean, checkpoint: SignedCheckpoint | undefined): Promise<EvidenceReport> {
    await this.#recordings.finish();
    const verdict = await this.#recordings.judge();
    const policies = await checkPolicies(
      this.#source,
      await LedgerFiles.of(this.#source),
      this.#history,
      this.#findings,
    );
    for (const line of this.#history.notes()) this.#findings.note(line);
    this.#findings.note(
      "a bundle proves what is in it; that nothing else was said of its session, only the whole ledger shows",
    );
    const { faults, notes } = this.#findings.all();
    const { quorums, signed, lastAtMs } = this.#history;
    const { checked, bytes } = this.#recordings;
    return {
      entries: this.#entries.length,
      ...(checkpoint && {
        checkpoint: {
          ...{ origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root.toString("base64") },
          ...(lastAtMs !== undefined && { atMs: lastAtMs }),
        },
      }),
      ...(checkpoint &&
        checkpoint.by.length > 0 && { witnessed: { size: checkpoint.size, by: checkpoint.by } }),
      ...{ isKeyGiven, olderCheckpoints: 0, sessions: verdict.sessions },
      ...{ recordings: { checked, bytes }, approvals: { quorums, signed }, policies },
      ...{ faults: [...faults, ...verdict.faults], notes: [...notes, ...verdict.notes] },
    };
  }
}
