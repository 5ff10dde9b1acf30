import assert from "node:assert/strict";
import fc from "fast-check";
import { WireReader } from "../../../src/wire/index.js";
import {
  adjust,
  bytesIn,
  close,
  data,
  eof,
  open,
  confirm,
  ptyRequest,
  request,
  stderr,
  text,
} from "./messages.js";
import { atClient, atTarget, RelayBench } from "./relay-bench.js";

const typesOf = (payloads: readonly Buffer[]) => payloads.map(([type]) => type);

async function terminal(): Promise<RelayBench> {
  const bench = new RelayBench(["shell", "exec", "sftp"]);
  await bench.session();
  await bench.from("client", ptyRequest(atTarget, 80), request(atTarget, "shell", true));
  bench.forget();
  return bench;
}

async function command(): Promise<RelayBench> {
  const bench = new RelayBench(["shell", "exec", "sftp"]);
  await bench.command();
  return bench;
}

describe("proxy/relay, notices", () => {
  it("go to a command's stderr as a line of their own, and into the recording", async () => {
    const bench = await command();
    bench.relay.notice("5 min left");
    assert.deepEqual(bench.client.take(), [stderr(atClient, "5 min left\n")]);
    assert.deepEqual(bench.kept(), ["192 bastion 1"]);
    assert.equal(bench.frames[0]?.payload.toString(), "5 min left\n");
    assert.deepEqual(bench.target.take(), []);
  });

  it("go to a terminal's output, over its top row", async () => {
    const bench = await terminal();
    bench.relay.notice("5 min left");
    const [notice, ...more] = bench.client.take();
    assert.deepEqual([notice?.[0], more], [94, []]);
    assert.match(bytesIn(notice as Buffer).toString(), /^\x1b7.* 5 min left .*\x1b8$/su);
  });

  it("wait until a terminal's sequence or character is whole", async () => {
    for (const [begun, rest] of [
      ["\x1b[3", "1mred"],
      [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])],
    ] as const) {
      const bench = await terminal();
      await bench.from("target", data(atClient, begun));
      bench.relay.notice("5 min left");
      assert.deepEqual(typesOf(bench.client.take()), [94]);
      await bench.from("target", data(atClient, rest));
      const [output, notice] = bench.client.take();
      assert.deepEqual(output, data(atClient, rest));
      assert.ok(notice?.includes("5 min left"));
    }
  });

  it("are cut to the width that the terminal has now", async () => {
    const bench = await terminal();
    const size = Buffer.alloc(16);
    size.writeUInt32BE(30);
    await bench.from("client", request(atTarget, "window-change", false, size));
    bench.relay.notice("x".repeat(60));
    const shown = bytesIn(bench.client.take()[0] as Buffer).toString();
    assert.ok(shown.includes("x".repeat(28)) && !shown.includes("x".repeat(29)));
  });

  const silent: [name: string, prepare: (bench: RelayBench) => Promise<void>][] = [
    ["before anything runs on the channel", (bench) => bench.session()],
    [
      "on a forward",
      async (bench) => {
        await bench.from("client", open("direct-tcpip", atClient));
        await bench.from("target", confirm(atClient, atTarget));
      },
    ],
    [
      "after the target's end of file",
      async (bench) => {
        await bench.command();
        await bench.from("target", eof(atClient));
      },
    ],
    [
      "after a close",
      async (bench) => {
        await bench.command();
        await bench.from("client", close(atTarget));
      },
    ],
    ["in a window too small to keep any of it", (bench) => bench.command(4096)],
  ];
  for (const [name, prepare] of silent)
    it(`are not given ${name}`, async () => {
      const bench = new RelayBench(["exec", "local-forward"]);
      await prepare(bench);
      bench.forget();
      bench.relay.notice("5 min left");
      assert.deepEqual(bench.client.take(), []);
      assert.deepEqual(bench.kept(), []);
    });

  it("are given on every session channel", async () => {
    const bench = await command();
    await bench.from("client", open("session", 8));
    await bench.from("target", confirm(8, 4));
    await bench.from("client", request(4, "subsystem", true, text("sftp")));
    bench.forget();
    bench.relay.notice("soon");
    assert.deepEqual(bench.client.take(), [stderr(atClient, "soon\n"), stderr(8, "soon\n")]);
  });
});

describe("proxy/relay, the window that notices are paid from", () => {
  it("is kept from the target when the channel is opened, the recording has what was asked for", async () => {
    const bench = new RelayBench();
    await bench.from("client", open("session", atClient, { window: 100_000 }));
    assert.deepEqual(bench.target.take(), [open("session", atClient, { window: 100_000 - 2048 })]);
    assert.deepEqual(bench.frames[0]?.payload, open("session", atClient, { window: 100_000 }).subarray(1));
  });

  it("is not taken from forwards, nor from windows too small to share", async () => {
    const bench = new RelayBench(["local-forward"]);
    const opens = [open("direct-tcpip", 1), open("session", 2, { window: 8191 })];
    await bench.from("client", ...opens);
    assert.deepEqual(bench.target.take(), opens);
  });

  it("is filled again by the next adjusts, before the target hears of any", async () => {
    const bench = await command();
    bench.relay.notice("x".repeat(99)); // 100 bytes with the end of the line
    await bench.from("client", adjust(atTarget, 60));
    assert.deepEqual(bench.target.take(), []);
    await bench.from("client", adjust(atTarget, 100));
    assert.deepEqual(bench.target.take(), [adjust(atTarget, 60)]);
    await bench.from("client", adjust(atTarget, 100));
    assert.deepEqual(bench.target.take(), [adjust(atTarget, 100)]);
  });

  it("makes a notice wait that it does not hold", async () => {
    const bench = await command();
    for (let count = 0; count < 5; count++) bench.relay.notice("x".repeat(399)); // 2000 of 2048
    bench.forget();
    bench.relay.notice("y".repeat(99));
    assert.deepEqual(bench.client.take(), []);
    await bench.from("client", adjust(atTarget, 52));
    assert.deepEqual(bench.client.take(), [stderr(atClient, `${"y".repeat(99)}\n`)]);
  });

  it("adds up, whatever is said and adjusted in whatever order", async () => {
    type Step = ["output" | "notice" | "adjust", number];
    const step = fc.tuple(fc.constantFrom("output", "notice", "adjust"), fc.integer({ min: 1, max: 900 }));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const bench = new RelayBench(["exec"]);
        const window = 9000;
        await bench.from("client", open("session", atClient, { window }));
        let granted = new WireReader(bench.target.take()[0] as Buffer, 16).uint32(); // by the target's count
        assert.equal(granted, window - 2048);
        await bench.from("target", confirm(atClient, atTarget));
        await bench.from("client", request(atTarget, "exec", false, text("x")));
        bench.forget();
        let open_ = window; // by the client's count
        let taken = 0;
        for (const [kind, size] of steps as Step[]) {
          if (kind === "output") {
            const length = Math.min(size, granted);
            granted -= length;
            await bench.from("target", data(atClient, Buffer.alloc(length)));
          } else if (kind === "notice") bench.relay.notice("n".repeat(Math.min(size, 400)));
          else {
            const bytes = Math.min(size, taken);
            if (bytes === 0) continue;
            taken -= bytes;
            open_ += bytes;
            await bench.from("client", adjust(atTarget, bytes));
          }
          for (const payload of bench.client.take()) {
            open_ -= bytesIn(payload).length;
            taken += bytesIn(payload).length;
          }
          for (const payload of bench.target.take()) granted += payload.readUInt32BE(5);
          assert.ok(open_ >= 0, "the client got more than it granted");
        }
        if (taken > 0) await bench.from("client", adjust(atTarget, taken));
        for (const payload of bench.client.take()) open_ -= bytesIn(payload).length; // a notice that waited
        for (const payload of bench.target.take()) granted += payload.readUInt32BE(5);
        assert.ok(granted <= window - 2048);
        assert.ok(granted >= window - 2048 - 401, "bytes of the window were lost");
      }),
      { numRuns: 300 },
    );
  });
});

describe("proxy/relay, stopped", () => {
  it("tells a command on stderr, ends it as by a signal, and closes", async () => {
    const bench = await command();
    assert.equal(bench.relay.stop("grant has ended"), true);
    const [words, signal, closing, ...more] = bench.client.take();
    assert.deepEqual(words, stderr(atClient, "grant has ended\n"));
    const reader = new WireReader(signal as Buffer, 5);
    assert.deepEqual(
      [reader.text(), reader.boolean(), reader.text(), reader.boolean(), reader.text(), reader.text()],
      ["exit-signal", false, "TERM", false, "grant has ended", ""],
    );
    assert.deepEqual([closing, more], [close(atClient), []]);
    assert.deepEqual(bench.target.take(), []);
    assert.deepEqual(bench.kept(), ["192 bastion 1"]);
  });

  it("leaves a full-screen program's screen before the last words", async () => {
    const bench = await terminal();
    await bench.from("target", data(atClient, "\x1b[?1049h"));
    bench.forget();
    bench.relay.stop("grant has ended");
    const words = bytesIn(bench.client.take()[0] as Buffer).toString();
    assert.ok(words.startsWith("\x1b[?1049l") && words.endsWith("\r\ngrant has ended\r\n"));
  });

  it("speaks at once, even inside a sequence that is open", async () => {
    const bench = await terminal();
    await bench.from("target", data(atClient, "\x1b]0;title"));
    bench.forget();
    bench.relay.stop("grant has ended");
    assert.deepEqual(typesOf(bench.client.take()), [94, 98, 97]);
  });

  it("closes forwards without a word, and leaves alone what is not open or closed by the target", async () => {
    const bench = new RelayBench(["local-forward", "exec"]);
    await bench.from("client", open("direct-tcpip", 1), open("session", 2), open("session", 3));
    await bench.from("target", confirm(1, 11), confirm(2, 12), close(2));
    bench.forget();
    assert.equal(bench.relay.stop("grant has ended"), true);
    assert.deepEqual(bench.client.take(), [close(1)]);
  });

  it("passes nothing more, even what has been taken in this turn", async () => {
    const bench = await command();
    bench.relay.fromClient(data(atTarget, "rm -rf /"));
    bench.relay.stop(undefined);
    await bench.from("client", data(atTarget, "x"));
    await bench.from("target", data(atClient, "y"));
    bench.relay.notice("late");
    assert.deepEqual([bench.client.take(), bench.target.take()], [[], []]);
    assert.deepEqual(bench.broken, []);
  });

  it("says whether there was anybody to tell", () => {
    assert.equal(new RelayBench().relay.stop("grant has ended"), false);
  });
});
