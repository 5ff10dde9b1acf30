import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { openRecording, type Frame } from "../../../src/recording/index.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { apartKey, dataKey, gathered } from "./samples.js";
import { asciicastBytes, recordTerminalSession, type RecordedTerminal } from "./terminal-session.js";

describe("recording/size", () => {
  let recorded: RecordedTerminal;
  before(async () => (recorded = await recordTerminalSession()));

  for (const keys of [true, false])
    it(`takes a quarter of its asciicast v2 at most, ${keys ? "with" : "without"} what was typed in that`, async () => {
      const asciicast = await asciicastBytes(recorded, keys);
      assert.ok(recorded.bytes.length <= asciicast / 4, `${recorded.bytes.length} of ${asciicast} bytes`);
    });

  it("holds all of it all the same", async () => {
    const path = join(temporaryFolder(), "ses.bsr");
    writeFileSync(path, recorded.bytes);
    const reader = await openRecording(path, dataKey, apartKey);
    const frames = (await gathered(reader.frames())).slice(0, -1);
    await reader.close();
    // within a millisecond, what was typed may come before what was shown
    for (const wanted of ["client", "target", "bastion"] as const) {
      const of = (all: readonly Frame[]) => all.filter(({ direction }) => direction === wanted);
      assert.ok(isDeepStrictEqual(of(frames), of(recorded.frames)), wanted);
    }
  });
});
