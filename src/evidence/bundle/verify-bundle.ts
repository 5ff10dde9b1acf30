import type { SessionState } from "../../access/index.js";
import { judgeClocks } from "../clocks/judge-clocks.js";
import { timesOf } from "../clocks/witness-times.js";
import { EntryHistory } from "../entry-history.js";
import { EvidenceError } from "../evidence-error.js";
import type { EvidenceFaultCode } from "../evidence-fault.js";
import type { EvidenceReport } from "../evidence-report.js";
import type { EvidenceSource } from "../evidence-source.js";
import { Findings } from "../findings.js";
import { knownKeys, VERIFIERS_FILE, type KnownKeys } from "../known-keys.js";
import { LedgerFiles, POLICIES, policyFile } from "../ledger-files.js";
import { checkPolicies } from "../policy-check.js";
import { RecordingsCheck } from "../recordings-check.js";
import {
  CHECKPOINT_FILE,
  NOTE_BYTES_MAX,
  openSigned,
  witnessFault,
  type SignedCheckpoint,
} from "../signed-checkpoint.js";
import type { VerifyEvidenceOptions } from "../verify-options.js";
import { BundleFolder } from "./bundle-folder.js";
import { entryFile, proofFile, README_FILE, readmeText, SESSION_PROOF_FILE } from "./bundle-layout.js";
import { bundleReport } from "./bundle-report.js";
import { entryProofFault, type ProofGround } from "./entry-proof.js";
import { openFound, type FoundEntry } from "./find-entries.js";
import { sessionEntry } from "./session-entry.js";

/** A session with more entries of its own was never seen. */
const ENTRIES_MAX = 100_000;

export type VerifyBundleOptions = Pick<
  VerifyEvidenceOptions,
  "verifiers" | "auditorKeys" | "signal" | "olderCheckpoints"
>;

/**
 * Verifies the bundle of one session from its files alone: every entry's proof under the checkpoint, what the entries say (the quorum,
 * signed approvals), the policy, the recording, and that there is no file and no byte of another kind. What is wrong is in the
 * report. Throws EvidenceError when nothing can be said.
 */
export async function verifyBundle(
  source: EvidenceSource,
  options: VerifyBundleOptions = {},
): Promise<EvidenceReport> {
  return new BundleVerification(source, await BundleFolder.of(source), options).run();
}

class BundleVerification {
  readonly #source: EvidenceSource;
  readonly #folder: BundleFolder;
  readonly #options: VerifyBundleOptions;
  readonly #findings = new Findings();
  readonly #history: EntryHistory;
  readonly #recordings: RecordingsCheck;
  /** Those that are proven. */
  readonly #entries: FoundEntry[] = [];

  constructor(source: EvidenceSource, folder: BundleFolder, options: VerifyBundleOptions) {
    [this.#source, this.#folder, this.#options] = [source, folder, options];
    this.#history = new EntryHistory(this.#findings, () => undefined);
    this.#recordings = new RecordingsCheck(this.#history, {
      source: { ...source, hasArchive: false }, // the recording has one place here, wherever it lay before
      auditorKeys: options.auditorKeys ?? [],
    });
  }

  async run(): Promise<EvidenceReport> {
    const [source, findings] = [this.#source, this.#findings];
    const keys = await knownKeys(source, this.#options.verifiers ?? [], findings);
    this.#folder.take(VERIFIERS_FILE);
    const note = await this.#folder.read(CHECKPOINT_FILE, NOTE_BYTES_MAX);
    if (note === undefined) this.#wrong("checkpoint-missing", CHECKPOINT_FILE, "it is missing");
    const checkpoint = keys && note && openSigned(note, source.show(CHECKPOINT_FILE), keys, findings);
    if (keys !== undefined && note !== undefined && checkpoint !== undefined) {
      this.#checkVerifiers(keys, checkpoint);
      const missing = witnessFault(keys, checkpoint.by, source.show(CHECKPOINT_FILE));
      if (missing !== undefined) findings.fault(missing);
      await this.#checkEntries({ key: keys.log, note }, checkpoint);
      const whereOf = (index: number): string => source.show(entryFile(index));
      judgeClocks(this.#history, timesOf([checkpoint]), findings, whereOf);
    } else findings.note("without a sound checkpoint, nothing else was checked");
    if ((this.#options.olderCheckpoints ?? []).length > 0)
      findings.note("no older checkpoint was compared: only a whole ledger can be held against one");
    await this.#recordings.finish();
    return bundleReport({
      ...{ findings, checkpoint, history: this.#history, recordings: this.#recordings },
      entries: this.#entries.length,
      policies: await checkPolicies(source, await LedgerFiles.of(source), this.#history, findings),
      isKeyGiven: keys?.isLogGiven ?? false,
    });
  }

  /** A key that signed nothing here does not belong here: nobody could tell whether it was changed. */
  #checkVerifiers({ log, witnesses }: KnownKeys, { by }: SignedCheckpoint): void {
    const signed = new Set(by.map(({ name }) => name));
    for (const { key, isGiven } of witnesses) {
      if (isGiven || signed.has(key.name)) continue;
      const detail = `${key.name} has not signed the checkpoint of ${log.name}`;
      this.#wrong("verifiers-invalid", VERIFIERS_FILE, detail);
    }
  }

  async #checkEntries(ground: ProofGround, checkpoint: SignedCheckpoint): Promise<void> {
    const numbers = this.#folder.entries;
    if (numbers.length > ENTRIES_MAX) throw new EvidenceError("too-large", `${numbers.length} entries`);
    for (const index of numbers) {
      this.#options.signal?.throwIfAborted();
      await this.#takeEntry(index, ground);
    }
    const sessions = [...this.#history.state.sessions.values()];
    const [session] = sessions;
    if (session === undefined || sessions.length > 1) {
      const detail = `it speaks of ${sessions.length} sessions, not of one`;
      this.#wrong("bundle-incomplete", README_FILE, detail);
      return;
    }
    await this.#checkSession(session, ground, checkpoint);
    this.#folder.take(`recordings/${session.recording}`);
    for (const hash of this.#history.policies.keys()) this.#folder.take(policyFile(hash));
    const isWhole = this.#history.isWhole; // else a policy may be that of an entry which is not proven
    for (const path of this.#folder.left.filter((one) => isWhole || !one.startsWith(POLICIES)))
      this.#wrong("unexpected-file", path, "nothing accounts for this file");
  }

  async #takeEntry(index: number, ground: ProofGround): Promise<void> {
    const [path, proofPath] = [entryFile(index), proofFile(index)];
    const proof = await this.#folder.read(proofPath);
    const bytes = (await this.#folder.read(path)) ?? Buffer.of();
    const fault = entryProofFault(proof, { index, bytes, isWhole: false }, ground);
    const told = { index, leaf: undefined, where: this.#source.show(path) };
    if (fault !== undefined) {
      if (!fault.isOfEither) this.#wrong("proof-invalid", proofPath, fault.detail, index);
      else this.#wrong("proof-invalid", path, `${fault.detail}: it, or ${proofPath}, was changed`, index);
      this.#history.take({ ...told, bytes: undefined });
      return;
    }
    const before = this.#findings.faults.length;
    this.#history.take({ ...told, bytes });
    if (this.#findings.faults.length === before) this.#entries.push(openFound(index, bytes));
  }

  /** Both files are made of what the rest proves, so they can be held against it. */
  async #checkSession(session: SessionState, ground: ProofGround, about: SignedCheckpoint): Promise<void> {
    const readme = await this.#folder.read(README_FILE);
    const own = sessionEntry(this.#entries, session.session);
    if (own === undefined) return; // what is wrong with it was said
    const proof = await this.#folder.read(SESSION_PROOF_FILE);
    const fault = entryProofFault(proof, { ...own, isWhole: true }, ground);
    if (fault !== undefined) this.#wrong("proof-invalid", SESSION_PROOF_FILE, fault.detail, own.index);
    if (this.#findings.faults.length > 0) return; // the README cannot be made of what is wrong
    const { origin, size, by } = about;
    const text = readmeText({
      ...{ session, origin, size, sessionEntry: own.index },
      entries: this.#entries.map(({ index }) => index),
      witnesses: by.map(({ name }) => name),
      hasRecording: await this.#folder.hasBytes(`recordings/${session.recording}`),
    });
    const detail = "it is not what the entries here would make it: one is missing, or it was changed";
    if (readme?.toString() !== text) this.#wrong("bundle-incomplete", README_FILE, detail);
  }

  #wrong(code: EvidenceFaultCode, path: string, detail: string, entry?: number): void {
    const where = this.#source.show(path);
    this.#findings.fault({ code, where, detail, ...(entry !== undefined && { entry }) });
  }
}
