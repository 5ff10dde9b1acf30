import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  openRecording,
  RecordingError,
  verifyRecording,
  type Frame,
  type Head,
  type VerifiedRecording,
} from "../../../src/recording/index.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { apartKey, dataKey, gathered } from "../../unit/recording/samples.js";
import { FaultyFile, faults, type Plan } from "./faulty-file.js";
import { FaultySession } from "./faulty-session.js";

/** What each step is called when it fails. */
const codes: Readonly<Record<string, string>> = {
  ...{ create: "create-failed", write: "write-failed" },
  ...{ sync: "sync-failed", syncData: "sync-failed", close: "sync-failed" },
};

describe("crash/recording faults", () => {
  const place = (): string => join(temporaryFolder(), "ses.bsr");
  const sessionWith = (plan: Plan): Promise<FaultySession> => new FaultySession(new FaultyFile(plan)).run();

  async function readBack(path: string): Promise<Frame[]> {
    const reader = await openRecording(path, dataKey, apartKey);
    try {
      return await gathered(reader.frames());
    } finally {
      await reader.close();
    }
  }

  /** Undefined where nothing could be recorded, and so nothing crossed. */
  async function verified(
    path: string,
    bytes: Buffer,
    promised: readonly Head[],
  ): Promise<VerifiedRecording | undefined> {
    writeFileSync(path, bytes);
    return verifyRecording(path, promised).catch((error: unknown) => {
      assert.ok(error instanceof RecordingError);
      assert.equal(error.code, "header-truncated");
      assert.deepEqual(promised, []);
      return undefined;
    });
  }

  /** What is in the file of each direction is what was recorded first: nothing is missing in between. */
  function assertNoGap(found: readonly Frame[], { appended }: FaultySession): void {
    for (const direction of ["client", "target"] as const) {
      const of = (frames: readonly Frame[]) => frames.filter((frame) => frame.direction === direction);
      assert.deepEqual(of(found), of(appended).slice(0, of(found).length));
    }
  }

  async function check(session: FaultySession): Promise<void> {
    const { file, failures, target, broken, promised, outcome, durable } = session;
    const step = file.failed ?? assert.fail("nothing failed");
    assert.ok(outcome instanceof RecordingError, `it ended well after ${step}`);
    assert.equal(outcome.code, codes[step]);
    assert.equal(failures.length, step === "create" ? 0 : 1, "it is told once");
    const isOpen = step !== "create" && step !== "close";
    assert.deepEqual(file.behind, isOpen ? ["close"] : [], "it is closed, and nothing else is done to it");

    const path = place();
    const recording = await verified(path, file.bytes, promised);
    const found = recording === undefined ? [] : await readBack(path);
    assertNoGap(found, session);
    const recorded = found.filter(({ direction }) => direction === "client").length;
    assert.ok(
      target.sent.length <= recorded,
      `${target.sent.length} reached the target, ${recorded} are recorded`,
    );
    if (broken.length > 0) assert.equal(broken[0], failures[0]);
    if (durable !== undefined) await verified(path, file.synced, [durable]);
  }

  it("records all of it when nothing fails", async () => {
    const session = await sessionWith({ at: Infinity, fault: "failed", code: "EIO" });
    assert.equal(session.outcome instanceof RecordingError, false);
    const path = place();
    const recording = await verified(path, session.file.bytes, session.promised);
    assert.equal(recording?.state, "ended");
    assert.deepEqual((await readBack(path)).slice(0, -1), session.appended);
    assert.ok(session.target.sent.length > 10);
  });

  for (const fault of faults)
    for (const code of ["ENOSPC", "EIO"] as const)
      it(`ends the session, and forwards nothing that is not recorded: each step ${fault}, ${code}`, async () => {
        const seen = new Set<string>();
        for (let at = 1; ; at++) {
          const session = await sessionWith({ at, fault, code });
          if (session.file.failed === undefined) break;
          seen.add(session.file.failed);
          await check(session);
        }
        assert.deepEqual(seen, new Set(["create", "write", "sync", "syncData", "close"]));
      });
});
