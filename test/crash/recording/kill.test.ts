import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openRecording, verifyRecording, type Head } from "../../../src/recording/index.js";
import { killWriter } from "../../harness/kill-writer.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { apartKey, dataKey, gathered } from "../../unit/recording/samples.js";

const program = fileURLToPath(new URL("killed-writer.js", import.meta.url));

describe("crash/recording", () => {
  for (let round = 1; round <= 5; round++)
    it(`loses nothing that was flushed when its writer is killed, round ${round}`, async () => {
      const path = join(temporaryFolder(), "ses.bsr");
      const said = await killWriter(program, path, { lines: 1, moreMs: Math.random() * 200 });
      const promised = said.map((line) => JSON.parse(line) as Head);

      const { state } = await verifyRecording(path, promised);
      assert.equal(state, "open");
      const reader = await openRecording(path, dataKey, apartKey);
      const frames = await gathered(reader.frames());
      await reader.close();
      const kept = frames
        .filter(({ direction }) => direction === "client")
        .map(({ payload }) => payload.toString());
      assert.deepEqual(
        kept.slice(0, promised.length),
        promised.map((_, count) => `${count}\n`),
      );
      assert.equal(reader.ending?.state, "open");
    });
});
