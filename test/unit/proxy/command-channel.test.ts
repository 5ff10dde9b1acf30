import assert from "node:assert/strict";
import { CommandChannel } from "../../../src/proxy/command-channel.js";
import { CommandTable } from "../../../src/proxy/command-table.js";
import type { ControlLink } from "../../../src/proxy/control-link.js";
import type { Orders, ReportName, Reports } from "../../../src/rpc/index.js";
import { WireReader, WireWriter } from "../../../src/wire/index.js";
import { FakeTransport } from "./fake-transport.js";
import {
  adjust,
  bytesIn,
  close,
  data,
  eof,
  failure,
  ptyRequest,
  request,
  stderr,
  success,
} from "./messages.js";

const remoteNumber = 5;
const kib = 1024;

interface Setup {
  readonly window?: number;
  readonly packetBytes?: number;
  readonly linked?: boolean;
}

/** A channel whose client and control are the test. */
function opened({ window = 2_000_000, packetBytes = 32_768, linked = true }: Setup = {}) {
  const transport = new FakeTransport();
  const told: { name: ReportName; params: unknown }[] = [];
  const link = { linked, report: (name: ReportName, params: unknown) => void told.push({ name, params }) };
  const table = new CommandTable(link as unknown as ControlLink);
  let released = 0;
  const end = { remoteNumber, window, packetBytes };
  const channel = new CommandChannel(transport.asTransport, end, table, "L1", () => (released += 1));
  const told1 = <N extends ReportName>(name: N) =>
    told.filter((one) => one.name === name).map(({ params }) => params as Reports[N]);
  return {
    ...{ transport, channel, table, link, released: () => released, told, of: told1 },
    /** A whole channel request, as the front hands it over. */
    ask: (payload: Buffer) => {
      const reader = new WireReader(payload, 5);
      channel.request(reader.text(), reader.boolean(), reader);
    },
    say: (text: string | Buffer, stream: Orders["commandOutput"]["stream"] = "stdout") =>
      table.output({ command: 1, stream, bytes: Buffer.from(text).toString("base64") }),
  };
}

const exec = (line: string | Buffer, wantReply = true) =>
  request(remoteNumber, "exec", wantReply, new WireWriter().string(line).finish());
const shell = request(remoteNumber, "shell", true);
const resize = (columns: number, rows: number) =>
  request(remoteNumber, "window-change", false, cells(columns, rows).finish());
const cells = (columns: number, rows: number) =>
  new WireWriter().uint32(columns).uint32(rows).uint32(0).uint32(0);
const signal = (name: string) =>
  request(remoteNumber, "signal", false, new WireWriter().string(name).finish());
const exitStatus = (status: number) =>
  request(remoteNumber, "exit-status", false, Buffer.from([0, 0, 0, status]));
const farewell = (status: number) => [exitStatus(status), eof(remoteNumber), close(remoteNumber)];
const bytesSent = (payloads: readonly Buffer[]) =>
  payloads.reduce((sum, payload) => sum + bytesIn(payload).length, 0);

describe("proxy/command-channel, what is asked", () => {
  it("has control run a line, and ends with its status", () => {
    const { transport, ask, of, say, table, channel, released } = opened();
    ask(exec("request prod --for 30m"));
    const asked = { kind: "line", line: "request prod --for 30m" };
    assert.deepEqual(of("commandStarted"), [{ login: "L1", command: 1, asked, terminal: { kind: "none" } }]);
    say("out\n");
    say("talk\n", "stderr");
    table.ended({ command: 1, exit: 3 });
    assert.deepEqual(transport.take(), [
      success(remoteNumber),
      data(remoteNumber, "out\n"),
      stderr(remoteNumber, "talk\n"),
      ...farewell(3),
    ]);
    channel.receiveClose();
    assert.equal(released(), 1);
    assert.deepEqual(transport.take(), []);
    assert.deepEqual(of("commandGone"), []); // control had the last word
  });

  it("has control run a shell on the client's terminal, and gives its line ends their CR", () => {
    const { transport, ask, of, say } = opened();
    ask(ptyRequest(remoteNumber, 100));
    ask(shell);
    const terminal = { kind: "terminal", term: "xterm", columns: 100, rows: 24 };
    assert.deepEqual(of("commandStarted"), [{ login: "L1", command: 1, asked: { kind: "shell" }, terminal }]);
    say("a\nb\n");
    say("c\n", "stderr");
    assert.deepEqual(transport.take().slice(2), [
      data(remoteNumber, "a\r\nb\r\n"),
      stderr(remoteNumber, "c\r\n"),
    ]);
    assert.deepEqual(of("commandTaken"), [
      { command: 1, bytes: 4 },
      { command: 1, bytes: 2 },
    ]);
  });

  it("passes on sizes, bounded, and signals by their name", () => {
    const { ask, of } = opened();
    ask(resize(10, 10)); // before there is a terminal it is nothing
    ask(
      request(
        remoteNumber,
        "pty-req",
        true,
        new WireWriter().string("").raw(cells(0, 0).string("").finish()).finish(),
      ),
    );
    ask(exec("sessions"));
    ask(resize(0xffff_ffff, 0));
    ask(signal("INT"));
    ask(signal("\x1b[2J"));
    assert.deepEqual(of("commandStarted")[0]?.terminal, {
      kind: "terminal",
      term: "dumb",
      columns: 80,
      rows: 24,
    });
    assert.deepEqual(of("commandResized"), [{ command: 1, columns: 1000, rows: 24 }]);
    assert.deepEqual(
      of("commandSignalled").map((one) => one.signal),
      ["INT"],
    );
  });

  const refused: [name: string, payload: Buffer][] = [
    ["env", request(remoteNumber, "env", true, new WireWriter().string("LANG").string("C").finish())],
    [
      "a-terminal-of-no-name",
      request(
        remoteNumber,
        "pty-req",
        true,
        new WireWriter().string("x\x1b").raw(cells(1, 1).string("").finish()).finish(),
      ),
    ],
    ["agent", request(remoteNumber, "auth-agent-req@openssh.com", true)],
    ["x11", request(remoteNumber, "x11-req", true)],
    ["keepalive", request(remoteNumber, "keepalive@openssh.com", true)],
  ];
  for (const [name, payload] of refused)
    it(`refuses ${name} and goes on`, () => {
      const { transport, ask, of } = opened();
      ask(payload);
      assert.deepEqual(transport.take(), [failure(remoteNumber)]);
      ask(exec("whoami"));
      assert.equal(of("commandStarted").length, 1);
    });

  it("says that there are no subsystems", () => {
    const { transport, ask, told } = opened();
    ask(request(remoteNumber, "subsystem", true, new WireWriter().string("sftp").finish()));
    const [answer, words, ...rest] = transport.take();
    assert.deepEqual(answer, success(remoteNumber));
    assert.match(words ? bytesIn(words).toString() : "", /no subsystems here/u);
    assert.deepEqual([rest, told], [farewell(2), []]);
  });

  it("runs one command on a channel, and no other", () => {
    const { transport, ask, of } = opened();
    ask(exec("whoami"));
    for (const more of [exec("targets"), shell, ptyRequest(remoteNumber)]) ask(more);
    assert.deepEqual(transport.take(), [
      success(remoteNumber),
      ...new Array<Buffer>(3).fill(failure(remoteNumber)),
    ]);
    assert.equal(of("commandStarted").length, 1);
  });

  const noCommands: [name: string, line: Buffer, words: RegExp][] = [
    ["too-long", Buffer.alloc(16 * kib + 1, "x"), /at most 16384 bytes/u],
    ["not-utf-8", Buffer.of(0x77, 0xff), /UTF-8/u],
    ["with-nul", Buffer.from("who\0ami"), /NUL/u],
  ];
  for (const [name, line, words] of noCommands)
    it(`ends what is no command as a usage error: ${name}`, () => {
      const { transport, ask, told } = opened();
      ask(exec(line));
      const [answer, said, ...rest] = transport.take();
      assert.deepEqual(answer, success(remoteNumber));
      assert.match(said ? bytesIn(said).toString() : "", words);
      assert.deepEqual(rest, farewell(2));
      assert.deepEqual(told, []);
    });

  it("takes a line of 16 KiB", () => {
    const { ask, of } = opened();
    ask(exec(Buffer.alloc(16 * kib, "x")));
    assert.equal(of("commandStarted").length, 1);
  });

  const malformed: [name: string, payload: Buffer][] = [
    ["pty-req-cut", ptyRequest(remoteNumber).subarray(0, -6)],
    ["pty-req-more", Buffer.concat([ptyRequest(remoteNumber), Buffer.of(0)])],
    [
      "pty-req-modes-too-long",
      request(
        remoteNumber,
        "pty-req",
        true,
        new WireWriter()
          .string("x")
          .raw(cells(1, 1).string(Buffer.alloc(802)).finish())
          .finish(),
      ),
    ],
    ["window-change-cut", resize(1, 1).subarray(0, -1)],
    ["exec-more", Buffer.concat([exec("whoami"), Buffer.of(0)])],
    ["signal-cut", signal("INT").subarray(0, -1)],
  ];
  for (const [name, payload] of malformed)
    it(`throws at ${name}`, () => {
      const { ask } = opened();
      assert.throws(() => ask(payload), { name: "WireError" });
    });
});

describe("proxy/command-channel, output", () => {
  it("waits for the client's window, and says what was taken only then", () => {
    const { transport, channel, ask, say, of, table } = opened({ window: 10 });
    ask(exec("replay"));
    say("0123456");
    say("789abc", "stderr");
    table.ended({ command: 1, exit: 0 });
    assert.deepEqual(transport.take().slice(1), [data(remoteNumber, "0123456"), stderr(remoteNumber, "789")]);
    assert.deepEqual(of("commandTaken"), [{ command: 1, bytes: 7 }]);
    channel.receiveWindow(2);
    assert.deepEqual(transport.take(), [stderr(remoteNumber, "ab")]);
    channel.receiveWindow(100);
    assert.deepEqual(transport.take(), [stderr(remoteNumber, "c"), ...farewell(0)]);
  });

  it("waits for a connection that is not taken, whatever its window", () => {
    const { transport, channel, ask, say } = opened();
    ask(exec("replay"));
    transport.take();
    transport.queuedBytes = 64 * kib;
    say(Buffer.alloc(40 * kib));
    assert.deepEqual(transport.take(), []);
    transport.queuedBytes = 0;
    channel.pump();
    assert.equal(bytesSent(transport.take()), 40 * kib);
  });

  it("cuts what it sends to the client's packets", () => {
    const { transport, ask, say } = opened({ packetBytes: 1024 });
    ask(exec("replay"));
    say(Buffer.alloc(2500));
    assert.deepEqual(
      transport
        .take()
        .slice(1)
        .map((payload) => bytesIn(payload).length),
      [1024, 1024, 452],
    );
  });

  it("makes nothing more for a stdout that is closed, and has the command stop", () => {
    const { transport, channel, ask, say, of, table } = opened({ window: 3 });
    ask(exec("export ses-1"));
    say("abcdef");
    ask(request(remoteNumber, "eow@openssh.com", false));
    say("more");
    say("talk", "stderr");
    channel.receiveWindow(100);
    table.ended({ command: 1, exit: 130 });
    assert.deepEqual(transport.take().slice(1), [
      data(remoteNumber, "abc"),
      stderr(remoteNumber, "talk"),
      ...farewell(130),
    ]);
    assert.deepEqual(of("commandSignalled"), [{ command: 1, signal: "HUP" }]);
    assert.equal(
      of("commandTaken").reduce((sum, { bytes }) => sum + bytes, 0),
      14,
    );
  });
});

describe("proxy/command-channel, input", () => {
  it("passes it on, and grants more for what was taken", () => {
    const { transport, channel, ask, of, table } = opened();
    ask(exec("cert"));
    transport.take();
    assert.equal(channel.receive(Buffer.alloc(40 * kib, 1)), true);
    channel.receiveEof();
    const pieces = of("commandInput").map(({ bytes, isEnd }) => [Buffer.from(bytes, "base64").length, isEnd]);
    assert.deepEqual(pieces, [
      [16 * kib, false],
      [16 * kib, false],
      [8 * kib, false],
      [0, true],
    ]);
    table.inputTaken({ command: 1, bytes: 16 * kib });
    assert.deepEqual(transport.take(), []);
    table.inputTaken({ command: 1, bytes: 24 * kib });
    assert.deepEqual(transport.take(), [adjust(remoteNumber, 40 * kib)]);
  });

  it("takes no more than was granted", () => {
    const { channel, ask } = opened();
    ask(exec("cert"));
    assert.equal(channel.receive(Buffer.alloc(64 * kib)), true);
    assert.equal(channel.receive(Buffer.alloc(1)), false);
  });

  it("knows an end that came before the command", () => {
    const { channel, ask, of } = opened();
    channel.receiveEof();
    ask(shell);
    assert.deepEqual(of("commandInput"), [{ command: 1, bytes: "", isEnd: true }]);
  });
});

describe("proxy/command-channel, ends", () => {
  it("tells control when the client is gone, and hears no more of the command", () => {
    const { transport, channel, ask, say, of, table, released } = opened({ window: 1 });
    ask(exec("request --wait"));
    say("waiting");
    transport.take();
    channel.receiveClose();
    say("more");
    table.ended({ command: 1, exit: 0 });
    assert.deepEqual(transport.take(), [close(remoteNumber)]);
    assert.deepEqual(of("commandGone"), [{ command: 1 }]);
    assert.equal(released(), 1);
  });

  const away = (payloads: readonly Buffer[]) => {
    const [said, ...rest] = payloads;
    assert.match(said ? bytesIn(said).toString() : "", /cannot decide just now.*try again/u);
    assert.deepEqual(rest, farewell(75));
  };

  it("says when control is away", () => {
    const { transport, ask, told } = opened({ linked: false });
    ask(exec("whoami"));
    away(transport.take().slice(1));
    assert.deepEqual(told, []);
  });

  it("says when control goes away meanwhile, and speaks to the next one of nothing", () => {
    const { transport, channel, ask, table, told } = opened();
    ask(exec("request --wait"));
    transport.take();
    told.length = 0;
    table.controlLost();
    away(transport.take());
    channel.receive(Buffer.from("x"));
    channel.receiveEof();
    channel.receiveClose();
    assert.deepEqual(told, []);
  });
});
