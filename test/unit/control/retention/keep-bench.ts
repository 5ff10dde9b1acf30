import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { AccessEvent, SessionId, SessionState } from "../../../../src/access/index.js";
import type { Config } from "../../../../src/config/index.js";
import { systemFiles, type RecordingFiles } from "../../../../src/control/retention/recording-files.js";
import { RetentionClock } from "../../../../src/control/retention/retention-clock.js";
import { Turns } from "../../../../src/control/turns.js";
import { commitKey, verifyRecording } from "../../../../src/recording/index.js";
import { temporaryFolder } from "../../../harness/temporary.js";
import { certificateIssued, grantIssued, sessionId, sessionStarted } from "../../access/sample.js";
import { recordingOf } from "../../recording/memory-file.js";
import { apartKey, dataKey, header, shell, shown } from "../../recording/samples.js";
import { MovedClocks } from "../bench.js";
import { LedgerInMemory } from "../ledger-in-memory.js";

export const HOUR = 3_600_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Real recordings of ended sessions, at hand for two hours and kept for four; a ledger and clocks that a test moves. */
export class KeepBench {
  readonly clocks = new MovedClocks();
  readonly ledger = new LedgerInMemory(this.clocks, [grantIssued(), certificateIssued()]);
  readonly recordingTurns = new Turns<SessionId>();
  readonly holdTurns = new Turns<"hold">();
  readonly folder = temporaryFolder("keep");
  archive: string | undefined = join(this.folder, "archive");
  clock!: RetentionClock;

  static async open(sessions = 1): Promise<KeepBench> {
    const bench = new KeepBench();
    for (let n = 1; n <= sessions; n++) await bench.#session(n);
    bench.restart();
    return bench;
  }

  /** As after a crash: only ledger and files are left. */
  restart(files: RecordingFiles = systemFiles): void {
    const config = () =>
      ({
        recordings: join(this.folder, "recordings"),
        ...(this.archive !== undefined && { archive: this.archive }),
      }) as Config;
    const { clocks, recordingTurns, holdTurns } = this;
    const context = { keeper: this.ledger, clocks, config, files, recordingTurns, holdTurns, log: silent };
    this.clock = new RetentionClock(context, clocks.wall);
  }

  /** A round when so much time has gone by. */
  async roundAfter(ms: number): Promise<void> {
    this.clocks.pass(ms);
    await this.clock.round();
  }

  session(n = 1): SessionState {
    const session = this.ledger.state.sessions.get(sessionId(n));
    if (session === undefined) throw new TypeError("there is a session");
    return session;
  }

  pathAtHand(n = 1): string {
    return join(this.folder, "recordings", this.session(n).recording);
  }

  bytesAtHand(n = 1): Buffer {
    return readFileSync(this.pathAtHand(n));
  }

  /** All files, relative to the folder of both places. */
  names(): readonly string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.folder, join(entry.parentPath, entry.name)))
      .sort();
  }

  types(): readonly string[] {
    return this.ledger.entries.map(({ type }) => type).filter((type) => /^(recording|hold)\./u.test(type));
  }

  async #session(n: number): Promise<void> {
    const session = sessionId(n);
    const recording = `2026-11-21/ses-${n}.bsr`;
    const retention = { atHandMs: 2 * HOUR, keepMs: 4 * HOUR };
    await this.ledger.record(sessionStarted({ session, recording, retention }));
    const path = join(this.folder, "recordings", recording);
    mkdirSync(dirname(path), { recursive: true });
    const commitments = {
      keyCommitment: commitKey(dataKey, session),
      apartKeyCommitment: commitKey(apartKey, session),
    };
    const bytes = await recordingOf([shell(), [shown(1000, "hello")]], {
      header: { ...header, ...commitments, session },
    });
    writeFileSync(path, bytes);
    const { blocks, hash } = await verifyRecording(path);
    const head = { bytes: bytes.length, blocks, hash };
    const ended: AccessEvent = { type: "session.ended", session, outcome: "closed", head };
    await this.ledger.record(ended);
  }
}
