import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openRecording, verifyRecording, type Head } from "../../../src/recording/index.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { apartKey, dataKey, gathered } from "../../unit/recording/samples.js";

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
      const promised = said
        .slice(0, said.lastIndexOf("\n"))
        .split("\n")
        .map((line) => JSON.parse(line) as Head);

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
