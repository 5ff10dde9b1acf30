import assert from "node:assert/strict";
import {
  exportRecording,
  type ExportFormat,
  type ExportOptions,
  type Frame,
} from "../../../src/recording/index.js";
import { jsonLines } from "../../harness/json-lines.js";
import {
  exec,
  frame,
  gathered,
  line,
  open,
  request,
  shell,
  shown,
  shownOnStderr,
  sourceOf,
  typed,
} from "./samples.js";

async function exported(
  frames: readonly Frame[],
  format: ExportFormat,
  options?: ExportOptions,
): Promise<string> {
  return Buffer.concat(await gathered(exportRecording(sourceOf(frames), format, options))).toString();
}

async function lines(
  frames: readonly Frame[],
  format: ExportFormat,
  options?: ExportOptions,
): Promise<unknown[]> {
  const text = await exported(frames, format, options);
  assert.ok(text.endsWith("\n"));
  return jsonLines(text);
}

const session = [
  ...shell(1500, { columns: 100, rows: 30 }),
  shown(1600, "$ "),
  typed(2000, "l"),
  shown(2001, "l"),
  typed(2100, "\r"),
  shown(2101.5, "\r\n\x1b[1mfile\x1b[m\r\n"),
  frame("channelRequest", "client", 3000, request("window-change", false, 90, 20, 0, 0)),
  frame("notice", "bastion", 4000, "5 minutes left\r\n"),
  frame("channelRequest", "target", 5000, request("exit-status", false, 7)),
];

describe("recording/export asciicast", () => {
  it("writes version 2", async () => {
    assert.deepEqual(await lines(session, "asciicast-v2"), [
      {
        version: 2,
        width: 100,
        height: 30,
        timestamp: 1_767_225_601,
        title: "postgres@prod-db-1 ses-7k3mq2vd",
        env: { TERM: "xterm-256color" },
      },
      [0.1, "o", "$ "],
      [0.501, "o", "l"],
      [0.6015, "o", "\r\n\u001b[1mfile\u001b[m\r\n"],
      [1.5, "r", "90x20"],
      [2.5, "o", "5 minutes left\r\n"],
    ]);
  });

  it("writes version 3: intervals, and the exit status", async () => {
    const [head, ...events] = (await lines(session, "asciicast-v3")) as [
      object,
      ...[number, string, string][],
    ];
    assert.deepEqual(head, {
      version: 3,
      term: { cols: 100, rows: 30, type: "xterm-256color" },
      timestamp: 1_767_225_601,
      title: "postgres@prod-db-1 ses-7k3mq2vd",
    });
    assert.deepEqual(
      events.map(([interval]) => interval),
      [0.1, 0.401, 0.1005, 0.8985, 1, 1],
    );
    assert.deepEqual(events.at(-1), [1, "x", "7"]);
  });

  it("shows keystrokes when asked, dots for what did not echo", async () => {
    const frames = [...shell(), shown(2, "\r\n"), line(2, "••\r"), shown(4, "l"), line(5, "l")];
    const [, ...events] = await lines(frames, "asciicast-v2", { keys: true });
    assert.deepEqual(events, [
      [0.002, "o", "\r\n"],
      [0.002, "i", "••\r"],
      [0.004, "o", "l"],
      [0.005, "i", "l"],
    ]);
  });

  it("shows what was typed, key by key, to who has the apart key", async () => {
    const frames = [...shell(), typed(1, "pw\r"), shown(2, "\r\n"), line(2, "••\r")];
    const [, ...events] = await lines(frames, "asciicast-v2", { keys: true });
    assert.deepEqual(events, [
      [0.001, "i", "pw\r"],
      [0.002, "o", "\r\n"],
    ]);
  });

  it("shows a command without a terminal as its user's terminal did", async () => {
    const frames = [...exec("make"), shown(1, "a\nb\r"), shown(2, "\nc\r\n"), shownOnStderr(3, "wrong\n")];
    const [head, ...events] = (await lines(frames, "asciicast-v2")) as [
      Record<string, unknown>,
      ...unknown[],
    ];
    assert.deepEqual(
      [head["width"], head["height"], head["command"], head["env"]],
      [80, 24, "make", undefined],
    );
    assert.deepEqual(events, [
      [0.001, "o", "a\r\nb\r"],
      [0.002, "o", "\nc\r\n"],
      [0.003, "o", "wrong\r\n"],
    ]);
  });

  it("has a header even when nothing was shown", async () => {
    assert.equal((await lines(shell(), "asciicast-v2")).length, 1);
  });
});

describe("recording/export text", () => {
  it("is what a terminal showed: typing corrected, colours gone, the screen at the end", async () => {
    const frames = [
      ...shell(),
      shown(1, "$ lx\b\x1b[Ks\r\n\x1b[32mfile\x1b[m\r\n"),
      shown(2, "50%\r100%\r\n$ "),
    ];
    assert.equal(await exported(frames, "text"), "$ ls\nfile\n100%\n$ \n");
  });

  it("is of the channel that was asked for", async () => {
    const frames = [...shell(), ...exec("id", 1, 2), shown(2, "one\r\n"), shown(3, "two\n", 2)];
    assert.equal(await exported(frames, "text"), "one\n");
    assert.equal(await exported(frames, "text", { channel: 2 }), "two\n");
  });

  const command = [
    ...exec("make"),
    shown(1, "out"),
    shownOnStderr(2, "bad\nwor"),
    shownOnStderr(3, "se\n"),
    shown(4, "more\n"),
    frame("notice", "bastion", 5, "cut\n"),
  ];
  for (const [stderr, text] of [
    ["with-output", "outbad\nworse\nmore\ncut\n"],
    ["nowhere", "outmore\n"],
    ["only", "bad\nworse\ncut\n"],
    ["marked", "out\nstderr: bad\nstderr: worse\nmore\nstderr: cut\n"],
  ] as const)
    it(`puts stderr of a command ${stderr}`, async () =>
      assert.equal(await exported(command, "text", { stderr }), text));

  it("is byte for byte what a command without a terminal put out", async () => {
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const pieces = await gathered(exportRecording(sourceOf([...exec("cat"), shown(1, bytes)]), "text"));
    assert.deepEqual(Buffer.concat(pieces), bytes);
  });

  it("gives all of a long session", async () => {
    const wanted = Array.from({ length: 30_000 }, (_, index) => `line ${index}`);
    const text = await exported(
      [...shell(), ...wanted.map((line, index) => shown(index, `${line}\r\n`))],
      "text",
    );
    assert.equal(text, `${wanted.join("\n")}\n`);
  });
});

describe("recording/export jsonl", () => {
  const deep = "[".repeat(10_000) + "]".repeat(10_000);
  it("is one object for each frame, input only counted", async () => {
    const frames = [
      ...shell(),
      typed(1, "pw"),
      shown(2, "x"),
      shown(3, Buffer.of(0xff)),
      shownOnStderr(4, "e"),
    ];
    const objects = await lines(frames, "jsonl");
    assert.equal(objects.length, frames.length);
    assert.deepEqual(objects.slice(6), [
      { atUs: 1000, type: "channel-data", direction: "client", channel: 1, bytes: 2 },
      { atUs: 2000, type: "channel-data", direction: "target", channel: 1, text: "x" },
      { atUs: 3000, type: "channel-data", direction: "target", channel: 1, base64: "/w==" },
      { atUs: 4000, type: "channel-extended-data", direction: "target", channel: 1, code: 1, text: "e" },
    ]);
    assert.deepEqual((objects[0] as { open: object }).open, { kind: "session" });
    assert.deepEqual((objects[2] as { request: object }).request, {
      wantReply: true,
      kind: "pty-req",
      term: "xterm-256color",
      columns: 80,
      rows: 24,
    });
  });

  it("shows input when asked, dots for what did not echo, in order", async () => {
    const frames = [...shell(), shown(2, "\r\n"), line(3, "••\r")];
    const objects = (await lines(frames, "jsonl", { keys: true })) as object[];
    assert.deepEqual(objects.slice(6), [
      { atUs: 2000, type: "channel-data", direction: "target", channel: 1, text: "\r\n" },
      { atUs: 3000, type: "typed", direction: "bastion", channel: 1, agoMs: 0, fromBlock: 2, text: "••\r" },
    ]);
  });

  for (const [name, given, held] of [
    [
      "a clock",
      frame("clock", "bastion", 0, Buffer.from("0000019b76da0000", "hex"), 0),
      { wallMs: 0x19b76da0000 },
    ],
    ["a denial", frame("denied", "bastion", 0, '{"why":"role"}'), { detail: { why: "role" } }],
    ["JSON that is nested too deep", frame("cut", "bastion", 0, deep), { detail: { text: deep } }],
    ["an end that is not JSON", frame("end", "bastion", 0, "{", 0), { detail: { text: "{" } }],
    [
      "a malformed request",
      frame("channelRequest", "client", 0, "junk"),
      { request: { malformed: "anVuaw==" } },
    ],
    ["an empty frame", frame("channelEof", "client", 0), {}],
    ["an unknown message", { ...frame("channelEof", "client", 0), type: 101 }, {}],
  ] as const)
    it(`tells ${name}`, async () => {
      const [object] = (await lines([given], "jsonl")) as Record<string, unknown>[];
      const { atUs, type, direction, channel } = object!;
      assert.deepEqual(object, { atUs, type, direction, channel, ...held });
    });

  it("is of one channel when asked", async () => {
    const objects = await lines([...shell(), ...exec("id", 1, 2), shown(2, "x")], "jsonl", { channel: 2 });
    assert.equal(objects.length, 4);
  });
});

describe("recording/export", () => {
  const forwardOnly = [frame("channelOpen", "client", 0, open("direct-tcpip"))];
  for (const format of ["asciicast-v2", "asciicast-v3", "text"] as const)
    it(`says that there is no session channel for ${format}`, async () => {
      await assert.rejects(exported(forwardOnly, format), { code: "channel-absent" });
      await assert.rejects(exported(shell(), format, { channel: 5 }), { code: "channel-absent" });
    });

  it("uses the first session channel, whatever was opened before", async () => {
    const frames = [...forwardOnly, ...shell(1, { channel: 2 }), shown(2, "hi", 2)];
    assert.equal(await exported(frames, "text"), "hi\n");
  });
});
