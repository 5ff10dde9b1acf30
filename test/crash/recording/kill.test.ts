import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openRecording, verifyRecording } from "../../../src/recording/index.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { dataKey, gathered } from "../../unit/recording/samples.js";

const program = fileURLToPath(new URL("killed-writer.js", import.meta.url));

describe("crash/recording", () => {
  for (let round = 1; round <= 5; round++)
    it(`loses nothing that was flushed when its writer is killed, round ${round}`, async () => {
      const path = join(temporaryFolder(), "ses.bsr");
      const child = spawn(process.execPath, [program, path], { stdio: ["ignore", "pipe", "inherit"] });
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
      await once(child.stdout, "data");
      await sleep(Math.random() * 200);
      child.kill("SIGKILL");
      await once(child, "close");
      const flushed = said.slice(0, said.lastIndexOf("\n")).split("\n").map(Number);

      const { state, blocks } = await verifyRecording(path);
      assert.equal(state, "open");
      assert.ok(blocks >= flushed.length + 2);
      const reader = await openRecording(path, dataKey);
      const frames = await gathered(reader.frames());
      await reader.close();
      const kept = frames
        .filter(({ direction }) => direction === "client")
        .map(({ payload }) => payload.toString());
      assert.deepEqual(
        kept.slice(0, flushed.length),
        flushed.map((count) => `${count}\n`),
      );
      assert.equal(reader.ending?.state, "open");
    });
});
