import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportRecording, openRecording, type Frame } from "../../../src/recording/index.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { openTerminal } from "../../harness/terminal.js";
import { requireTool } from "../../harness/tools.js";
import { recordingOf } from "../../unit/recording/memory-file.js";
import {
  dataKey,
  exec,
  frame,
  gathered,
  request,
  shell,
  shown,
  typed,
} from "../../unit/recording/samples.js";

/** Records the frames, exports version 2, and gives what `asciinema cat` says of it. */
async function played(frames: readonly Frame[]): Promise<Buffer> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "ses.bsr"), await recordingOf([frames], { terminal: true }));
  const reader = await openRecording(join(folder, "ses.bsr"), dataKey);
  writeFileSync(
    join(folder, "ses.cast"),
    Buffer.concat(await gathered(exportRecording(reader, "asciicast-v2"))),
  );
  await reader.close();
  // It reads keys from /dev/tty even for `cat`, so it gets a terminal; what it writes goes past that, into a file.
  const command = '"$0" cat "$1/ses.cast" > "$1/played"';
  const terminal = openTerminal("/bin/sh", ["-c", command, requireTool("asciinema"), folder]);
  assert.deepEqual(await terminal.ended, { status: 0 }, terminal.output());
  return readFileSync(join(folder, "played"));
}

describe("interop/recording", () => {
  it("exports what Debian's asciinema plays to the bytes that the terminal got", async () => {
    const umlaut = Buffer.from("überfällig 日本 🦑\r\n");
    const pieces = [
      Buffer.from("$ "),
      Buffer.from('\x1b[1;31mred\x1b[0m "quoted" \\ \t\x07\x7f\r\n'),
      // Split in the middle of characters of two, three and four bytes.
      umlaut.subarray(0, 1),
      umlaut.subarray(1, 16),
      umlaut.subarray(16, 23),
      umlaut.subarray(23),
      Buffer.from("line\r\n".repeat(5000)),
    ];
    const frames = [
      ...shell(0, { columns: 100, rows: 30 }),
      ...pieces.flatMap((piece, index) => [typed(index * 1000, "x"), shown(index * 1000 + 1, piece)]),
      frame("channelRequest", "client", 8000, request("window-change", false, 90, 20, 0, 0)),
      frame("notice", "bastion", 9000, "\r\n5 minutes left\r\n"),
    ];
    const expected = Buffer.concat([...pieces, Buffer.from("\r\n5 minutes left\r\n")]);
    assert.deepEqual(await played(frames), expected);
  });

  it("exports a command without a terminal as its user's terminal showed it", async () => {
    assert.equal((await played([...exec("make"), shown(1, "a\nb\n")])).toString(), "a\r\nb\r\n");
  });
});
