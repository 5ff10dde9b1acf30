import { setTimeout as sleep } from "node:timers/promises";
import { bundlePath, TILE_WIDTH } from "../ledger/index.js";
import { isBundle } from "./bundle/bundle-folder.js";
import { verifyBundle } from "./bundle/verify-bundle.js";
import { tilesIn } from "./bundle/ledger-reader.js";
import { judgeClocks } from "./clocks/judge-clocks.js";
import { openClaims } from "./clocks/open-claims.js";
import { timesOf } from "./clocks/witness-times.js";
import { EntryHistory } from "./entry-history.js";
import { EvidenceError } from "./evidence-error.js";
import type { EvidenceReport } from "./evidence-report.js";
import type { EvidenceSource } from "./evidence-source.js";
import { Findings } from "./findings.js";
import { knownKeys, VERIFIERS_FILE, type KnownKeys } from "./known-keys.js";
import { LEDGER, LedgerFiles } from "./ledger-files.js";
import { LedgerWalk } from "./ledger-walk.js";
import { checkPolicies } from "./policy-check.js";
import { RecordingsCheck, type RecordingsVerdict } from "./recordings-check.js";
import {
  CHECKPOINT_FILE,
  openSigned,
  NOTE_BYTES_MAX,
  readCheckpoint,
  WITNESSED_FILE,
  witnessFault,
  type SignedCheckpoint,
} from "./signed-checkpoint.js";
import type { VerifyEvidenceOptions } from "./verify-options.js";

/** How often a checkpoint is looked for that explains what looks wrong. */
const LOOK_AGAIN_MS = 100;

/** A bastion that goes on and on explains nothing any more. */
const ROUNDS_MAX = 5;

/**
 * Verifies evidence: signatures, the tree, every byte of every tile and entry, what the entries say, every recording, and that
 * each session has one. A bastion may be at work on it meanwhile; what it adds after the checkpoint that was read first is looked
 * at only where it explains what would be a fault. The bundle of one session is verified as such (`verifyBundle`). What is wrong is in the report. Throws EvidenceError when nothing can be said.
 */
export async function verifyEvidence(
  source: EvidenceSource,
  options: VerifyEvidenceOptions = {},
): Promise<EvidenceReport> {
  if (source.file !== undefined && (await isBundle(source))) return verifyBundle(source, options);
  return new Verification(source, options).run();
}

class Verification {
  readonly #source: EvidenceSource;
  readonly #options: VerifyEvidenceOptions;
  readonly #findings = new Findings();
  readonly #history: EntryHistory;
  readonly #recordings: RecordingsCheck;
  /** The newest checkpoint that was read. */
  #checkpoint: SignedCheckpoint | undefined;
  #witnessed: SignedCheckpoint | undefined;
  #older = 0;
  /** Checkpoints of before, with what witnesses said of them. */
  readonly #others: SignedCheckpoint[] = [];
  /** How far the walk along the entries has come. */
  #walked = { entries: 0, size: 0 };

  constructor(source: EvidenceSource, options: VerifyEvidenceOptions) {
    [this.#source, this.#options] = [source, options];
    this.#history = new EntryHistory(this.#findings, (book) => this.#recordings.onEnded(book));
    const { sinceMs, untilMs, auditorKeys = [] } = options;
    this.#recordings = new RecordingsCheck(this.#history, {
      source,
      sinceMs,
      untilMs,
      auditorKeys,
      onChecked: () => this.#tell(),
    });
  }

  async run(): Promise<EvidenceReport> {
    const files = await LedgerFiles.of(this.#source);
    // before the keys: a bastion at work notes a witness' key, and only then keeps its word
    await this.#options.refresh?.();
    const newest = await this.#source.read(CHECKPOINT_FILE, NOTE_BYTES_MAX);
    const seen = await this.#source.read(WITNESSED_FILE, NOTE_BYTES_MAX);
    const keys = await knownKeys(this.#source, this.#options.verifiers ?? [], this.#findings);
    files.takeFile(VERIFIERS_FILE);
    const checkpoint = keys && this.#openNewest(newest, keys);
    if (keys === undefined || checkpoint === undefined) return this.#unread(files);
    for (const path of [CHECKPOINT_FILE, WITNESSED_FILE]) files.takeFile(path);
    await this.#history.refusals.read(this.#source);
    const walk = this.#walk(files);
    this.#expectOthers(walk, keys, checkpoint, seen);
    const verdict = await this.#goTo(walk, keys, checkpoint);
    await this.#holdClocks(keys);
    const policies = await checkPolicies(this.#source, files, this.#history, this.#findings);
    if (this.#history.isWhole) await this.#history.approvers.check(this.#source, this.#findings);
    this.#judgeRest(walk, files);
    return this.#report(keys.isLogGiven, verdict, policies);
  }

  /** Walks to the checkpoint, and on for as long as that explains what looks wrong. */
  async #goTo(walk: LedgerWalk, keys: KnownKeys, first: SignedCheckpoint): Promise<RecordingsVerdict> {
    const newer = (than: SignedCheckpoint) => this.#newer(keys, than);
    this.#checkpoint = await walk.advance(first, newer);
    const { settleMs = 0 } = this.#options;
    const endMs = performance.now() + settleMs;
    for (let round = 1; ; round += 1) {
      this.#options.signal?.throwIfAborted();
      const isWhole = await walk.finish();
      await this.#recordings.finish();
      const verdict = await this.#recordings.judge();
      const isSettled = isWhole && verdict.faults.length === 0 && walk.unreached().length === 0;
      const isEnough = isSettled || round > ROUNDS_MAX;
      const next = isEnough ? undefined : await this.#newerUntil(keys, this.#checkpoint, endMs);
      if (next === undefined) {
        if (!isWhole) await walk.nameMissing();
        return verdict;
      }
      walk.expect({ ...this.#checkpoint, code: "checkpoint-inconsistent" });
      this.#recordings.forget(new Set(verdict.faults.flatMap(({ session }) => session ?? [])));
      this.#checkpoint = await walk.advance(next, newer);
    }
  }

  #walk(files: LedgerFiles): LedgerWalk {
    const { onEntry, signal } = this.#options;
    return new LedgerWalk({
      ...{ source: this.#source, files, findings: this.#findings },
      onEntry: (told) => {
        if (told.leaf !== undefined) onEntry?.(told.index, told.leaf);
        this.#history.take(told);
      },
      onBundle: async (entries, size) => {
        signal?.throwIfAborted();
        this.#walked = { entries, size };
        this.#tell();
        await this.#recordings.work();
      },
    });
  }

  #tell(): void {
    this.#options.onProgress?.({ ...this.#walked, recordings: this.#recordings.checked });
  }

  #openNewest(note: Buffer | undefined, keys: KnownKeys): SignedCheckpoint | undefined {
    const where = this.#source.show(CHECKPOINT_FILE);
    if (note !== undefined) return openSigned(note, where, keys, this.#findings);
    this.#findings.fault({ code: "checkpoint-missing", where, detail: "it is missing" });
    return undefined;
  }

  /** The tree must also be that of the witnessed checkpoint, and of those that were kept elsewhere. */
  #expectOthers(
    walk: LedgerWalk,
    keys: KnownKeys,
    checkpoint: SignedCheckpoint,
    seen: Buffer | undefined,
  ): void {
    const witnessed = seen && openSigned(seen, this.#source.show(WITNESSED_FILE), keys, this.#findings);
    if (witnessed !== undefined) walk.expect({ ...witnessed, code: "checkpoint-inconsistent" });
    this.#others.push(checkpoint, ...(witnessed === undefined ? [] : [witnessed]));
    const signed = [checkpoint, witnessed].filter((one) => one !== undefined && one.by.length > 0);
    // a witness whose key came with the evidence must not stand before one that was asked for
    this.#witnessed = signed.find((one) => one?.by.some(({ isGiven }) => isGiven)) ?? signed[0];
    const missing = witnessFault(keys, this.#witnessed?.by ?? [], this.#source.show(WITNESSED_FILE));
    if (missing !== undefined) this.#findings.fault(missing);
    for (const { where, note } of this.#options.olderCheckpoints ?? []) {
      const older = openSigned(Buffer.from(note), where, keys, this.#findings);
      if (older === undefined) continue;
      this.#older += 1;
      this.#others.push(older);
      walk.expect({ ...older, code: "checkpoint-inconsistent" });
    }
  }

  /** A checkpoint of more entries, if there is one by now. */
  async #newer(keys: KnownKeys, than: SignedCheckpoint): Promise<SignedCheckpoint | undefined> {
    const found = await readCheckpoint(this.#source, CHECKPOINT_FILE, keys, new Findings());
    return found !== undefined && found.size > than.size ? found : undefined;
  }

  async #newerUntil(
    keys: KnownKeys,
    than: SignedCheckpoint,
    endMs: number,
  ): Promise<SignedCheckpoint | undefined> {
    for (;;) {
      await this.#options.refresh?.();
      const newer = await this.#newer(keys, than);
      if (newer !== undefined || performance.now() >= endMs) return newer;
      await sleep(LOOK_AGAIN_MS, undefined, { signal: this.#options.signal });
    }
  }

  /** The entries' times against those of witnesses: what they said of checkpoints, and what of it stands in entries. */
  async #holdClocks(keys: KnownKeys): Promise<void> {
    const [source, findings, history] = [this.#source, this.#findings, this.#history];
    const times = timesOf([...this.#others, ...(this.#checkpoint === undefined ? [] : [this.#checkpoint])]);
    const { size } = this.#checkpoint ?? { size: 0 };
    const whereOf = (entry: number): string => {
      const index = Math.floor(entry / TILE_WIDTH);
      const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
      return source.show(`${LEDGER}/${bundlePath({ index, width })}`);
    };
    // a witness may have come since the first look at the keys
    const now = await knownKeys(source, this.#options.verifiers ?? [], new Findings());
    const ground = {
      ...{ tiles: tilesIn(source, size), keys: now ?? keys, findings, whereOf },
      signal: this.#options.signal,
    };
    await openClaims(history.clocks.claims, times, ground);
    judgeClocks(history, times, findings, whereOf);
  }

  #judgeRest(walk: LedgerWalk, files: LedgerFiles): void {
    for (const { where, size } of walk.unreached()) {
      const detail = `it has ${size} entries, and the ledger only ${walk.size}: its end is missing`;
      this.#findings.fault({ code: "ledger-shorter", where, detail });
    }
    if (this.#history.witnessedSize > (this.#witnessed?.size ?? 0)) {
      const where = this.#source.show(WITNESSED_FILE);
      const detail = `a witness cosigned ${this.#history.witnessedSize} entries, and its word is missing`;
      this.#findings.fault({ code: "checkpoint-missing", where, detail });
    }
    if (walk.tilesAhead > 0)
      this.#findings.note(`${walk.tilesAhead} files hold entries that are not under the checkpoint yet`);
    this.#judgeFiles(files);
    if (!files.isListed)
      this.#findings.note("an address cannot be listed: files there that nothing asks for were not seen");
    for (const note of this.#history.notes()) this.#findings.note(note);
  }

  #judgeFiles(files: LedgerFiles): void {
    for (const path of files.filesLeft()) {
      const detail = "nothing accounts for this file";
      this.#findings.fault({ code: "unexpected-file", where: this.#source.show(path), detail });
    }
  }

  /** Without a signed checkpoint there is nothing to hold the rest to. Throws EvidenceError when there is no ledger at all. */
  #unread(files: LedgerFiles): EvidenceReport {
    const { faults } = this.#findings;
    const isNothing = faults.every(
      ({ code }) => code === "checkpoint-missing" || code === "verifiers-invalid",
    );
    if (isNothing && files.isEmpty)
      throw new EvidenceError("not-found", `there is no ledger in ${this.#source.name}`);
    this.#findings.note("without a sound checkpoint, nothing else was checked");
    const sessions = {
      total: 0,
      wrong: 0,
      whole: 0,
      interrupted: 0,
      live: 0,
      empty: 0,
      deleted: 0,
      archived: 0,
      redacted: 0,
    };
    return this.#report(false, { sessions, faults: [], notes: [] }, 0);
  }

  #report(isKeyGiven: boolean, verdict: RecordingsVerdict, policies: number): EvidenceReport {
    const { faults, notes } = this.#findings.all();
    const { quorums, signed, lastAtMs } = this.#history;
    const { checked, bytes } = this.#recordings;
    const checkpoint = this.#checkpoint;
    return {
      entries: checkpoint?.size ?? 0,
      ...(checkpoint && {
        checkpoint: {
          ...{ origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root.toString("base64") },
          ...(lastAtMs !== undefined && { atMs: lastAtMs }),
        },
      }),
      ...(this.#witnessed && { witnessed: { size: this.#witnessed.size, by: this.#witnessed.by } }),
      ...{ isKeyGiven, olderCheckpoints: this.#older, sessions: verdict.sessions },
      ...{ recordings: { checked, bytes }, approvals: { quorums, signed }, policies },
      ...{ faults: [...faults, ...verdict.faults], notes: [...notes, ...verdict.notes] },
    };
  }
}
