import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Policy, SessionId, SessionState } from "../../../src/access/index.js";
import type { Config } from "../../../src/config/index.js";
import type { DecisionContext } from "../../../src/control/decision-context.js";
import { Keeper } from "../../../src/control/keeper.js";
import { RecordingDesk } from "../../../src/control/recordings/recording-desk.js";
import { Turns } from "../../../src/control/turns.js";
import {
  commitKey,
  encodeAuditorPublicKey,
  generateAuditorKey,
  substituteFaults,
  verifyRecording,
  wrapDataKey,
  type EditFiles,
  type SubstituteFault,
} from "../../../src/recording/index.js";
import { closeAfterwards } from "../../harness/closing.js";
import { keeperPlace, silentLog } from "../../harness/keeper-place.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { redactors } from "../access/redaction-sample.js";
import { grantIssued, sessionId, sessionStarted } from "../access/sample.js";
import { recordingOf } from "../recording/memory-file.js";
import { apartKey, dataKey, header, shell, shown, typed } from "../recording/samples.js";
import { MovedClocks } from "./bench.js";

export const SECRET = "correct horse battery staple";

/** A real ledger, one ended session with a real recording, and the desk; dave and erin redact. The secret is in blocks 3 and 4. */
export class DeskBench {
  readonly clocks = new MovedClocks();
  readonly auditor = generateAuditorKey();
  readonly carol = generateAuditorKey();
  readonly session: SessionId = sessionId();
  policy: Policy = redactors();
  /** Opens what was typed, and nothing else. */
  readonly apartHolder = generateAuditorKey();
  sealTo = new Map([["auditor", encodeAuditorPublicKey(this.auditor)]]);
  readonly sealApartTo = new Map([["apart", encodeAuditorPublicKey(this.apartHolder)]]);
  keeper!: Keeper;
  desk!: RecordingDesk;
  readonly #home = temporaryFolder("desk");
  readonly #place = keeperPlace(this.#home);

  static async open(files?: EditFiles): Promise<DeskBench> {
    const bench = new DeskBench();
    closeAfterwards(() => bench.#close());
    await bench.#openKeeper();
    await bench.#record();
    bench.#openDesk(files);
    await bench.desk.settled;
    return bench;
  }

  get recordings(): string {
    return join(this.#home, "recordings");
  }

  get path(): string {
    return join(this.recordings, "2026-01-02/ses-0.bsr");
  }

  get bytes(): Buffer {
    return readFileSync(this.path);
  }

  /** Files below the recordings folder. */
  get names(): string[] {
    return readdirSync(dirname(this.path)).sort();
  }

  get state(): SessionState {
    const state = this.keeper.state.sessions.get(this.session);
    if (state === undefined) throw new TypeError("there is a session");
    return state;
  }

  /** Everything anew from the disk, as after a crash. */
  async restart(files?: EditFiles): Promise<void> {
    await this.#close();
    await this.#openKeeper();
    this.#openDesk(files);
    await this.desk.settled;
  }

  /** What is wrong with the recording by what the ledger says. */
  async faults(): Promise<readonly SubstituteFault[]> {
    const { head } = this.state;
    const found = await verifyRecording(this.path, head === undefined ? [] : [head]);
    return substituteFaults(found.substitutes, this.state);
  }

  async types(): Promise<string[]> {
    const types: string[] = [];
    for await (const { entry } of this.keeper.read()) types.push(entry.type);
    return types;
  }

  async #close(): Promise<void> {
    await this.desk.close();
    await this.keeper.close();
  }

  async #openKeeper(): Promise<void> {
    this.keeper = await Keeper.open(this.#place, {
      nowMs: () => this.clocks.wallMs(),
      log: silentLog,
      onFailure: (error) => {
        throw error;
      },
      onImpossible: (_index, error) => {
        throw error;
      },
    });
  }

  #openDesk(files?: EditFiles): void {
    const config = () =>
      ({
        ...{ recordings: this.recordings, policy: this.policy, requests: { lapseMs: 60_000 } },
        recording: { sealTo: this.sealTo, sealApartTo: this.sealApartTo },
      }) as unknown as Config;
    const context = {
      config,
      keeper: this.keeper,
      clocks: this.clocks,
      log: silentLog,
      recordingTurns: new Turns(),
    };
    this.desk = new RecordingDesk(context as unknown as DecisionContext, files);
  }

  async #record(): Promise<void> {
    const { session } = this;
    const keys = [
      ...(await wrapDataKey(dataKey, [this.auditor])),
      ...(await wrapDataKey(apartKey, [this.apartHolder], "apart")),
    ];
    const commitments = {
      keyCommitment: commitKey(dataKey, session),
      apartKeyCommitment: commitKey(apartKey, session),
    };
    const bytes = await recordingOf(
      [
        shell(),
        [typed(2000, SECRET), shown(2001, SECRET)],
        [shown(3000, `${SECRET}?\r\n`)],
        [shown(5000, "done")],
      ],
      { header: { ...header, session, ...commitments, keys } },
    );
    mkdirSync(dirname(this.path), { recursive: true });
    writeFileSync(this.path, bytes, { mode: 0o600 });
    const { blocks, hash } = await verifyRecording(this.path);
    await this.keeper.record(grantIssued());
    await this.keeper.record(sessionStarted());
    const head = { bytes: bytes.length, blocks, hash };
    await this.keeper.record({ type: "session.ended", session, outcome: "closed", head });
  }
}
