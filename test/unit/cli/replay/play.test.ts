import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { playRecording, type PlayerClock, type ReplayOptions } from "../../../../src/cli/replay/index.js";
import { closeAfterwards } from "../../../harness/closing.js";
import { Screen, type Frame } from "../../../../src/recording/index.js";
import {
  exec,
  frame,
  line,
  open,
  request,
  shell,
  shown,
  shownOnStderr,
  streamed,
  typed,
} from "../../recording/samples.js";

/** How often one looks before time goes on. */
const LOOKS_A_TURN = 5;
/** How long a sleeper waits for somebody to look before its time passes all the same. */
const UNWATCHED_MS = 200;

/**
 * Time that passes only when everybody sleeps, and then at once; while somebody looks for something, only when they have
 * looked and have not seen it yet.
 */
class SleepersClock implements PlayerClock {
  #nowMs = 5000;
  #wake: () => void = () => undefined;
  readonly sleeps: number[] = [];

  /** Lets the time of who sleeps now pass. */
  turn(): void {
    this.#wake();
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, UNWATCHED_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", this.#wake, { once: true });
    });
    if (signal.aborted) return;
    this.sleeps.push(ms);
    this.#nowMs += ms;
  }
}

/** A person at a terminal of 40 columns and 6 rows. */
class Person {
  readonly clock = new SleepersClock();
  readonly input = Object.assign(new PassThrough(), {
    setRawMode: (raw: boolean) => this.rawModes.push(raw),
  });
  readonly output = Object.assign(new PassThrough(), { isTTY: true });
  readonly rawModes: boolean[] = [];
  readonly #screen = new Screen({ columns: 100, rows: 6 });
  written = "";

  constructor() {
    // A player that nobody quits after a failure would play on for ever.
    closeAfterwards(() => Promise.resolve(this.input.end()));
    this.output.setEncoding("utf8").on("data", (text: string) => {
      this.written += text;
      this.#screen.feed(text);
    });
  }

  play(frames: AsyncIterable<Frame> | readonly Frame[], options: ReplayOptions = {}) {
    const terminal = { input: this.input, output: this.output, columns: 100, rows: 6 };
    return playRecording({
      frames: Symbol.asyncIterator in frames ? frames : streamed(frames),
      terminal,
      options: { clock: this.clock, ...options },
    });
  }

  press(keys: string): void {
    this.input.write(keys);
  }

  /** What the terminal shows, the status line last. */
  async rows(): Promise<string[]> {
    await this.#screen.settle();
    return Array.from({ length: 6 }, (_, row) =>
      this.#screen
        .row(row)
        .replace(/\x1b\[[\d;]*m/gu, "")
        .trimEnd(),
    );
  }

  /** Waits until the terminal shows what is wanted; a test's timeout is its limit. */
  async sees(wanted: RegExp): Promise<string[]> {
    for (let looks = 1; ; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 2)); // what was pressed is heard first
      const rows = await this.rows();
      if (wanted.test(rows.join("\n"))) return rows;
      if (looks % LOOKS_A_TURN === 0) this.clock.turn();
    }
  }
}

const end = frame("end", "bastion", 60_000, "{}", 0);
const session = [
  ...shell(),
  shown(1000, "first\r\n"),
  shown(20_000, "second\r\n"),
  shown(50_000, "third\r\n"),
  end,
];

describe("cli/replay on a terminal", () => {
  it("plays in the recording's time, waits at the end, and gives the terminal back", async () => {
    const person = new Person();
    const playing = person.play(session);
    const rows = await person.sees(/third/u);
    assert.deepEqual(rows.slice(0, 3), ["first", "second", "third"]);
    assert.ok(person.clock.nowMs() >= 55_000);
    await person.sees(/ended {2}▶ 1:00\/1:00/u);
    person.press("q");
    assert.equal(await playing, "ended");
    assert.deepEqual(person.rawModes, [true, false]);
    assert.ok(person.written.startsWith("\x1b[?1049h"));
    assert.ok(person.written.endsWith("\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"));
    assert.equal(person.input.listenerCount("data"), 0);
  });

  it("pauses, seeks both ways, and never beyond the ends", async () => {
    const person = new Person();
    const playing = person.play(session, { startMs: 15_000 });
    await person.sees(/first/u);
    person.press(" ");
    await person.sees(/‖/u);
    person.press("\x1b[C");
    assert.match((await person.sees(/second/u))[5]!, /‖ 0:2[5-9]/u);
    person.press("\x1b[D\x1b[D\x1b[D");
    const rows = await person.sees(/‖ 0:00/u);
    assert.deepEqual(rows.slice(0, 5), ["", "", "", "", ""]);
    person.press("\x1b[C".repeat(9));
    await person.sees(/‖ 1:00\/1:00/u);
    person.press("\x03");
    await playing;
  });

  it("skips what is idle", async () => {
    const person = new Person();
    const playing = person.play(session, { skipIdleMs: 500 });
    await person.sees(/third/u);
    assert.ok(person.clock.nowMs() < 5000 + 15_000, `${person.clock.nowMs()}`);
    person.press("q");
    await playing;
  });

  it("changes speed", async () => {
    const person = new Person();
    const playing = person.play(session, { speed: 16 });
    person.press("+");
    await person.sees(/third/u);
    assert.ok(person.clock.nowMs() < 5000 + 15_000, `${person.clock.nowMs()}`);
    person.press("q");
    await playing;
  });

  it("goes to the next session channel and round again", async () => {
    const frames = [
      frame("channelOpen", "client", 0, open("direct-tcpip"), 9),
      ...shell(),
      shown(1, "from one"),
      ...exec("uptime", 2, 2),
      shown(3, "from two", 2),
      end,
    ];
    const person = new Person();
    const playing = person.play(frames);
    await person.sees(/from one[^]*1\/2 shell/u);
    person.press("n");
    assert.doesNotMatch((await person.sees(/from two[^]*2\/2 uptime/u)).join("\n"), /from one/u);
    person.press("\t");
    await person.sees(/from one[^]*1\/2 shell/u);
    person.press("q");
    await playing;
  });

  it("begins with the channel that was asked for", async () => {
    const person = new Person();
    const playing = person.play([...shell(), shown(1, "one"), ...exec("id", 2, 2), shown(3, "two", 2)], {
      channel: 2,
    });
    await person.sees(/two/u);
    person.press("q");
    assert.equal(await playing, "interrupted");
  });

  it("shows keystrokes when asked, dots for what did not echo", async () => {
    const frames = [
      ...shell(),
      shown(101, "id\r\n"),
      line(102, "id\r"),
      shown(201, "\r\n"),
      line(202, "••\r"),
      end,
    ];
    const person = new Person();
    const playing = person.play(frames, { showKeys: true });
    await person.sees(/keys: id⏎••⏎/u);
    person.press("q");
    await playing;
  });

  it("follows what is live: shows the newest at once, later frames as they come", async () => {
    let come = (): void => undefined;
    const coming = new Promise<void>((resolve) => (come = resolve));
    async function* live(): AsyncGenerator<Frame> {
      yield* session.slice(0, -1);
      await coming;
      yield shown(3_600_000, "much later");
      await new Promise(() => undefined);
    }
    const person = new Person();
    const playing = person.play(live(), { follow: true });
    await person.sees(/third[^]*live/u);
    const before = person.clock.nowMs();
    come();
    await person.sees(/much later[^]*live {2}▶ 1:00:00\/1:00:00/u);
    assert.ok(person.clock.nowMs() - before < 100_000);
    person.press("q");
    assert.equal(await playing, "live");
  });

  it("draws a change of size, and cuts what does not fit", async () => {
    const frames = [
      ...shell(0, { columns: 200, rows: 20 }),
      shown(1, `${"w".repeat(150)}\r\n${"line\r\n".repeat(12)}last`),
      frame("channelRequest", "client", 10, request("window-change", false, 150, 10, 0, 0)),
      end,
    ];
    const person = new Person();
    const playing = person.play(frames);
    assert.deepEqual((await person.sees(/last[^]*ended/u)).slice(0, 5), [
      "line",
      "line",
      "line",
      "line",
      "last",
    ]);
    person.press("q");
    await playing;
  });

  it("never hands recorded sequences to the terminal", async () => {
    const evil =
      "\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x1b[?1000h\x1bP$q\x1b\\\x1b[21t\x1b[5n\x1b[>c\u009b6n";
    const person = new Person();
    const playing = person.play([...shell(), shown(1, `${evil}shown`), end]);
    await person.sees(/shown/u);
    person.press("q");
    await playing;
    assert.doesNotMatch(
      person.written,
      /\x1b[\]PX^_]|\u009b|\x1b\[(?!\?1049[hl]|\?7[hl]|\?25[hl]|[0-9;]*[HmJK])/u,
    );
  });

  it("says that there is no session channel", async () => {
    const person = new Person();
    const playing = person.play([frame("channelOpen", "client", 0, open("direct-tcpip")), end]);
    await person.sees(/ended.*no session channel/u);
    person.press("qn");
    await playing;
  });

  it("restores the terminal and throws when reading fails", async () => {
    async function* broken(): AsyncGenerator<Frame> {
      yield* streamed(shell());
      throw new Error("corrupt");
    }
    const person = new Person();
    await assert.rejects(person.play(broken()), { message: "corrupt" });
    assert.ok(person.written.endsWith("\x1b[?1049l"));
    assert.deepEqual(person.rawModes, [true, false]);
  });

  for (const [name, stop] of [
    ["its signal", (_: Person, abort: AbortController) => abort.abort()],
    ["the end of the input", (person: Person) => person.input.end()],
  ] as const)
    it(`ends with ${name}`, async () => {
      const person = new Person();
      const abort = new AbortController();
      const playing = person.play(session, { signal: abort.signal });
      await person.sees(/first/u);
      stop(person, abort);
      await playing;
      assert.ok(person.written.endsWith("\x1b[?1049l"));
    });
});

describe("cli/replay without a terminal", () => {
  async function plain(frames: readonly Frame[], options: ReplayOptions = {}) {
    const output = new PassThrough();
    let bytes = Buffer.alloc(0);
    output.on("data", (piece: Buffer) => (bytes = Buffer.concat([bytes, piece])));
    const clock = new SleepersClock();
    const terminal = { input: new PassThrough(), output, columns: 80, rows: 24 };
    const state = await playRecording({ frames: streamed(frames), terminal, options: { clock, ...options } });
    output.end();
    await once(output, "end");
    return { state, bytes, sleeps: clock.sleeps };
  }

  it("writes the output as it was, at once", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const frames = [
      ...exec("x"),
      typed(1, "in"),
      shown(2, all),
      shownOnStderr(3, "err"),
      shown(9000, "end"),
      end,
    ];
    const { state, bytes, sleeps } = await plain(frames);
    assert.deepEqual(bytes, Buffer.concat([all, Buffer.from("errend")]));
    assert.deepEqual([state, sleeps], ["ended", []]);
  });

  it("writes in time when a speed is given", async () => {
    const { sleeps } = await plain([...shell(), shown(1000, "a"), shown(5000, "b")], { speed: 2 });
    assert.deepEqual(sleeps, [500, 2000]);
  });

  it("says how the recording stands", async () => {
    assert.equal((await plain(shell())).state, "interrupted");
    assert.equal((await plain(shell(), { follow: true })).state, "live");
  });

  it("writes the channel that was asked for", async () => {
    const frames = [...shell(), shown(1, "one"), ...exec("id", 2, 2), shown(3, "two", 2)];
    assert.equal((await plain(frames)).bytes.toString(), "one");
    assert.equal((await plain(frames, { channel: 2 })).bytes.toString(), "two");
  });

  it("says so when there is nothing to write", async () => {
    await assert.rejects(plain(shell(), { channel: 9 }), { code: "channel-absent" });
    await assert.rejects(plain([end]), { code: "channel-absent" });
  });
});
