import assert from "node:assert/strict";
import { appendFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { openRecording } from "../../../src/recording/index.js";
import { writeInMemory } from "./memory-file.js";
import { dataKey, gathered } from "./samples.js";
import { frames, RecordingOnDisk } from "./recording-on-disk.js";

describe("recording/reader when it follows", () => {
  const disk = new RecordingOnDisk();
  it("gives frames as they are written, and ends with the end frame", async () => {
    const { file, writer } = await writeInMemory();
    let written = 0;
    const catchUp = async () => {
      await appendFile(disk.path, file.bytes.subarray(written));
      written = file.bytes.length;
    };
    await writeFile(disk.path, "");
    await catchUp();
    const reader = await openRecording(disk.path, dataKey);
    const following = gathered(reader.frames(new AbortController().signal));
    for (const each of frames) {
      writer.append(each);
      writer.flush();
      // In two pieces: a reader may come between them.
      await appendFile(disk.path, file.bytes.subarray(written, (written += 3)));
      await sleep(20);
      await catchUp();
    }
    await writer.close({ outcome: "closed" });
    await catchUp();
    assert.deepEqual((await following).slice(0, -1), frames);
    assert.equal(reader.ending!.state, "ended");
    await reader.close();
  });

  it("stops when it is told to, and says that the recording is open", async () => {
    await writeFile(disk.path, disk.bytes.subarray(0, -3));
    const reader = await openRecording(disk.path, dataKey);
    const stop = new AbortController();
    const following = gathered(reader.frames(stop.signal));
    await sleep(60);
    stop.abort();
    assert.deepEqual(await following, frames);
    assert.equal(reader.ending!.state, "open");
    assert.notEqual(reader.ending!.tornBytes, 0);
    await reader.close();
  });

  it("does not wait for a recording that ended", async () => {
    await writeFile(disk.path, disk.bytes);
    const reader = await openRecording(disk.path, dataKey);
    assert.equal((await gathered(reader.frames(new AbortController().signal))).length, frames.length + 1);
    await reader.close();
  });
});
