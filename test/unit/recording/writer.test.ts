import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createRecording,
  openRecording,
  type Frame,
  type RecordingOptions,
} from "../../../src/recording/index.js";
import { MemoryFile, recordingOf, systemError, writeInMemory } from "./memory-file.js";
import { apartKey, dataKey, frame, gathered, header, shell, shown, typed } from "./samples.js";

const noFailure = (error: Error): never => {
  throw error;
};
const options: RecordingOptions = {
  header,
  dataKey,
  apartKey,
  durability: { syncEveryMs: 1000 },
  clock: { nowUs: () => 0 },
  onFailure: noFailure,
};

describe("recording/writer", () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), "bascule-writer-"))));
  afterEach(() => rm(folder, { recursive: true }));

  async function read(path: string): Promise<Frame[]> {
    const reader = await openRecording(path, dataKey, apartKey);
    try {
      return await gathered(reader.frames());
    } finally {
      await reader.close();
    }
  }

  async function framesIn(bytes: Buffer): Promise<Frame[]> {
    const path = join(folder, "copy.bsr");
    await writeFile(path, bytes);
    return read(path);
  }

  it("creates the file for its owner alone, in directories for their owner alone", async () => {
    const path = join(folder, "2026-01-01", "deep", "ses.bsr");
    const writer = await createRecording(path, options);
    await writer.close({ outcome: "closed" });
    const modes = await Promise.all(
      [path, join(folder, "2026-01-01"), join(path, "..")].map((at) => stat(at)),
    );
    assert.deepEqual(
      modes.map(({ mode }) => mode & 0o777),
      [0o600, 0o700, 0o700],
    );
  });

  it("refuses a file that exists", async () => {
    const path = join(folder, "ses.bsr");
    await writeFile(path, "precious");
    await assert.rejects(createRecording(path, options), { code: "create-failed" });
    assert.equal(await readFile(path, "utf8"), "precious");
  });

  it("refuses a header that does not commit to the key", async () => {
    const path = join(folder, "ses.bsr");
    await assert.rejects(createRecording(path, { ...options, dataKey: Buffer.alloc(32) }), TypeError);
    await assert.rejects(stat(path), { code: "ENOENT" });
  });

  it("has header and keys synced before it gives out a writer", async () => {
    const { file, writer } = await writeInMemory();
    assert.deepEqual(file.calls, ["write", "sync"]);
    assert.equal(writer.head().bytes, file.bytes.length);
    assert.deepEqual(writer.durableHead(), writer.head());
    await writer.close({ outcome: "closed" });
  });

  it("has given everything to the system when flush returns", async () => {
    const { file, writer } = await writeInMemory();
    const appended = [...shell(), typed(10, "l"), typed(20, "s"), shown(21, "ls"), typed(30, "\r")];
    for (const [index, each] of appended.entries()) {
      writer.append(each, true);
      writer.flush();
      assert.deepEqual(await framesIn(file.bytes), appended.slice(0, index + 1));
      assert.equal(writer.head().bytes, file.bytes.length);
    }
    await writer.close({ outcome: "closed" });
  });

  it("keeps what was appended when the caller uses its buffer again", async () => {
    const { file, writer } = await writeInMemory();
    const payload = Buffer.from("secret");
    writer.append({ ...typed(1, ""), payload });
    payload.fill(0);
    writer.flush();
    assert.equal((await framesIn(file.bytes))[0]!.payload.toString(), "secret");
    await writer.close({ outcome: "closed" });
  });

  it("writes nothing before the block is full or flushed", async () => {
    const { file, writer } = await writeInMemory();
    writer.append(shown(1, Buffer.alloc(32 * 1024)));
    writer.append(shown(1, Buffer.alloc(32 * 1024)));
    assert.equal(file.calls.length, 2);
    writer.append(shown(1, Buffer.alloc(1024)));
    assert.equal(file.calls.length, 3);
    await writer.close({ outcome: "closed" });
  });

  it("flushes little output by itself after a second", async () => {
    const { file, writer } = await writeInMemory();
    writer.append(shown(1, "unhurried"), true);
    await sleep(1150);
    assert.equal((await framesIn(file.bytes)).length, 1);
    await writer.close({ outcome: "closed" });
  });

  it("keeps a frame of the longest payload, in a block of its own", async () => {
    const long = shown(1, Buffer.alloc(256 * 1024, 7));
    const frames = await framesIn(await recordingOf([[typed(0, "x"), long, typed(2, "y")]]));
    assert.deepEqual(frames.slice(0, 3), [typed(0, "x"), long, typed(2, "y")]);
  });

  it("deflates blocks of a terminal only", async () => {
    const blocks = [[shown(1, "the same again and again ".repeat(100))]];
    const plain = await recordingOf(blocks);
    const deflated = await recordingOf(blocks, { terminal: true });
    assert.ok(plain.length - deflated.length > 2000, `${plain.length} and ${deflated.length}`);
    assert.deepEqual(await framesIn(deflated), await framesIn(plain));
  });

  it("does not let time run backwards, nor keep parts of milliseconds", async () => {
    const given = [{ ...shown(0, "a"), atUs: 5000.7 }, shown(4, "b"), shown(6, "c")];
    const frames = await framesIn(await recordingOf([[given[0]!, given[1]!], [given[2]!]], { end: false }));
    assert.deepEqual(
      frames.map(({ atUs }) => atUs),
      [5000, 5000, 6000],
    );
  });

  it("goes on after a short write", async () => {
    const file = new MemoryFile();
    file.writeBytesMax = 7;
    const whole = await recordingOf([shell(), [typed(1, "x")]]);
    const { writer } = await writeInMemory(file);
    for (const each of shell()) writer.append(each);
    writer.flush();
    writer.append(typed(1, "x"));
    writer.flush();
    await writer.close({ outcome: "closed" });
    assert.deepEqual(file.bytes, whole);
  });

  it("syncs data within the promised time of a write, off the caller's way", async () => {
    const { file, writer } = await writeInMemory(new MemoryFile(), { durability: { syncEveryMs: 300 } });
    const before = writer.durableHead();
    writer.append(typed(1, "x"));
    writer.flush();
    assert.deepEqual(writer.durableHead(), before);
    await sleep(150);
    assert.deepEqual(file.calls.slice(2), ["write", "syncData"]);
    assert.deepEqual(writer.durableHead(), writer.head());
    await writer.close({ outcome: "closed" });
  });

  describe("when it closes", () => {
    it("ends with totals, syncs, and gives the head of the whole file, again and again", async () => {
      const { file, writer } = await writeInMemory();
      writer.append(typed(1, "abc"));
      writer.append(shown(2, "output"));
      const head = await writer.close({ outcome: "cut", reason: "the grant ended" });
      assert.deepEqual(await writer.close({ outcome: "closed" }), head);
      assert.deepEqual(writer.head(), head);
      assert.equal(head.bytes, file.bytes.length);
      assert.deepEqual(file.calls.slice(2), ["write", "write", "sync", "close"]);
      const end = (await framesIn(file.bytes)).at(-1)!;
      assert.deepEqual(JSON.parse(end.payload.toString()), {
        outcome: "cut",
        reason: "the grant ended",
        frames: 2,
        clientBytes: 3,
        targetBytes: 6,
      });
      assert.equal(end.atUs, 60_000_000);
    });

    it("takes no more frames", async () => {
      const { writer } = await writeInMemory();
      const closing = writer.close({ outcome: "closed" });
      assert.throws(() => writer.append(typed(1, "x")), { code: "closed" });
      assert.throws(() => writer.flush(), { code: "closed" });
      await closing;
      assert.throws(() => writer.append(typed(1, "x")), { code: "closed" });
    });

    it("does not touch the caller's key", async () => {
      await recordingOf([shell()]);
      assert.equal(dataKey[31], 31);
    });
  });

  describe("when something fails", () => {
    const failOn = (step: string, code: string): MemoryFile => {
      const file = new MemoryFile();
      let calls = 0;
      // The first write and sync are the header's.
      file.before = (each) => {
        if (each === step && (++calls > 1 || step === "syncData" || step === "close"))
          throw systemError(code);
      };
      return file;
    };

    for (const [code, file] of [
      ["ENOSPC", failOn("write", "ENOSPC")],
      ["EIO", failOn("write", "EIO")],
    ] as const)
      it(`throws from flush on ${code}, tells once, and stays failed`, async () => {
        const { writer, failures } = await writeInMemory(file);
        const head = writer.head();
        writer.append(typed(1, "x"));
        assert.throws(() => writer.flush(), { code: "write-failed" });
        file.before = () => undefined;
        assert.throws(() => writer.append(typed(2, "y")), { code: "write-failed" });
        assert.throws(() => writer.flush(), { code: "write-failed" });
        await assert.rejects(writer.close({ outcome: "closed" }), { code: "write-failed" });
        await assert.rejects(writer.close({ outcome: "closed" }), { code: "write-failed" });
        assert.equal(failures.length, 1);
        assert.equal((failures[0]!.cause as { code: string }).code, code);
        assert.deepEqual(writer.head(), head);
        assert.equal(file.calls.at(-1), "close");
        assert.equal(file.bytes.length, head.bytes);
      });

    it("fails when a write takes nothing", async () => {
      const { file, writer } = await writeInMemory();
      file.writeBytesMax = 0;
      writer.append(typed(1, "x"));
      assert.throws(() => writer.flush(), { code: "write-failed" });
      await assert.rejects(writer.close({ outcome: "closed" }), { code: "write-failed" });
    });

    it("leaves a torn block that readers know when a write stops half-way", async () => {
      const { file, writer } = await writeInMemory();
      writer.append(typed(1, "kept"));
      writer.flush();
      file.writeBytesMax = 5;
      let writes = 0;
      file.before = (step) => {
        if (step === "write" && ++writes === 2) throw systemError("ENOSPC");
      };
      writer.append(typed(2, "torn"));
      assert.throws(() => writer.flush(), { code: "write-failed" });
      assert.equal(file.bytes.length, writer.head().bytes + 5);
      assert.deepEqual(await framesIn(file.bytes), [typed(1, "kept")]);
      await assert.rejects(writer.close({ outcome: "closed" }), { code: "write-failed" });
    });

    it("tells of a failed flush by the timer, which has no caller", async () => {
      const { writer, failures } = await writeInMemory(failOn("write", "ENOSPC"));
      writer.append(shown(1, "x"));
      await sleep(1150);
      assert.deepEqual(
        failures.map(({ code }) => code),
        ["write-failed"],
      );
      await assert.rejects(writer.close({ outcome: "closed" }), { code: "write-failed" });
    });

    it("is poisoned by a failed sync of data: the kernel may have dropped the pages", async () => {
      const { writer, failures } = await writeInMemory(failOn("syncData", "EIO"), {
        durability: { syncEveryMs: 0 },
      });
      const durable = writer.durableHead();
      writer.append(typed(1, "x"));
      writer.flush();
      await sleep(20);
      assert.deepEqual(
        failures.map(({ code }) => code),
        ["sync-failed"],
      );
      assert.throws(() => writer.append(typed(2, "y")), { code: "sync-failed" });
      assert.deepEqual(writer.durableHead(), durable);
      await assert.rejects(writer.close({ outcome: "closed" }), { code: "sync-failed" });
    });

    for (const step of ["sync", "close"])
      it(`rejects close when its ${step} fails`, async () => {
        const { file, writer, failures } = await writeInMemory(failOn(step, "EIO"));
        writer.append(typed(1, "x"));
        await assert.rejects(writer.close({ outcome: "closed" }), { code: "sync-failed" });
        assert.equal(failures.length, 1);
        assert.equal(file.calls.at(-1), "close");
      });

    for (const [step, code] of [
      ["write", "write-failed"],
      ["sync", "sync-failed"],
    ] as const)
      it(`gives out no writer when the header's ${step} fails`, async () => {
        const file = new MemoryFile();
        file.before = (each) => {
          if (each === step) throw systemError("EIO");
        };
        await assert.rejects(writeInMemory(file), { code });
        assert.equal(file.calls.at(-1), "close");
      });

    for (const [name, bad, code] of [
      ["too long", shown(1, Buffer.alloc(256 * 1024 + 1)), "frame-too-long"],
      ["a window adjust", { ...shown(1, "x"), type: 93 }, "frame-invalid"],
      ["on no channel", { ...shown(1, "x"), channel: -1 }, "frame-invalid"],
    ] as const)
      it(`is poisoned by a frame that is ${name}: what cannot be recorded must not be forwarded`, async () => {
        const { writer, failures } = await writeInMemory();
        assert.throws(() => writer.append(bad), { code });
        assert.throws(() => writer.append(frame("channelEof", "client", 2)), { code });
        assert.equal(failures.length, 1);
        await assert.rejects(writer.close({ outcome: "closed" }), { code });
      });
  });
});
