import assert from "node:assert/strict";
import { drawChannels, type ChannelView, type Frame } from "../../../src/recording/index.js";
import { WireWriter } from "../../../src/wire/index.js";
import {
  exec,
  frame,
  open,
  ptyRequest,
  request,
  shell,
  shown,
  shownOnStderr,
  streamed,
  typed,
} from "./samples.js";

const draw = (frames: readonly Frame[]): Promise<ChannelView[]> => drawChannels(streamed(frames));
const ask = (direction: "client" | "target", atMs: number, payload: Buffer): Frame =>
  frame("channelRequest", direction, atMs, payload);

describe("recording/channels", () => {
  it("tells all of a shell on a terminal", async () => {
    const [view] = await draw([
      frame("channelOpen", "client", 5, open()),
      frame("channelOpenConfirmation", "target", 6, Buffer.alloc(12)),
      ask("client", 6, request("env", false, "LANG", "de_DE.UTF-8")),
      ask("client", 6, ptyRequest(120, 40)),
      ask("client", 6, request("shell", true)),
      frame("channelSuccess", "target", 7),
      frame("channelSuccess", "target", 7),
      typed(10, "abc"),
      shown(11, "abcd"),
      ask("client", 12, request("window-change", false, 100, 30, 0, 0)),
      ask("target", 20, request("exit-status", false, 3)),
      frame("channelClose", "target", 21),
    ]);
    assert.deepEqual(view, {
      channel: 1,
      kind: "session",
      destination: undefined,
      openedBy: "client",
      state: "closed",
      openedAtUs: 5000,
      closedAtUs: 21_000,
      start: { kind: "shell" },
      pty: { term: "xterm-256color", columns: 100, rows: 30 },
      env: [{ name: "LANG", value: "de_DE.UTF-8" }],
      exit: { status: 3 },
      bytes: { client: 3, target: 4, stderr: 0 },
    });
  });

  it("tells a command, its stderr apart, and the signal that ended it", async () => {
    const killed = request("exit-signal", false, "KILL", false, "out of memory", "en");
    const [view] = await draw([
      ...exec("make"),
      shown(1, "out"),
      shownOnStderr(2, "wrong"),
      ask("target", 3, killed),
    ]);
    assert.deepEqual(view?.start, { kind: "exec", command: "make" });
    assert.deepEqual(view.exit, { signal: "KILL", message: "out of memory" });
    assert.deepEqual(view.bytes, { client: 0, target: 3, stderr: 5 });
    assert.equal(view.pty, undefined);
  });

  it("takes back what was refused, each answer with its request", async () => {
    const [view] = await draw([
      frame("channelOpen", "client", 0, open()),
      ask("client", 1, ptyRequest()),
      ask("client", 1, request("env", true, "LD_PRELOAD", "evil.so")),
      ask("client", 1, request("subsystem", true, "sftp")),
      frame("channelFailure", "target", 2),
      frame("channelFailure", "bastion", 2),
      frame("channelSuccess", "target", 2),
    ]);
    assert.equal(view?.pty, undefined);
    assert.deepEqual(view?.env, []);
    assert.deepEqual(view.start, { kind: "subsystem", name: "sftp" });
  });

  it("takes back what the bastion denied, answered or not", async () => {
    const [view] = await draw([
      frame("channelOpen", "client", 0, open()),
      ask("client", 1, request("env", false, "LANG", "C")),
      ask("client", 1, request("env", false, "LD_PRELOAD", "evil.so")),
      frame("denied", "bastion", 1, Buffer.from("{}")),
    ]);
    assert.deepEqual(view?.env, [{ name: "LANG", value: "C" }]);
  });

  const forward = new WireWriter()
    .string("direct-tcpip")
    .uint32(1)
    .uint32(2)
    .uint32(3)
    .string("db")
    .uint32(5432);
  const socket = new WireWriter()
    .string("direct-streamlocal@openssh.com")
    .uint32(1)
    .uint32(2)
    .uint32(3)
    .string("/run/s");
  for (const [name, payload, kind, destination] of [
    ["a-forward", forward.string("127.0.0.1").uint32(9).finish(), "direct-tcpip", "db:5432"],
    ["a-socket", socket.string("").uint32(0).finish(), "direct-streamlocal@openssh.com", "/run/s"],
    ["an-unknown-kind", open("tun@openssh.com"), "tun@openssh.com", undefined],
    ["a-malformed-open", Buffer.from([0, 0, 0, 99, 1]), "unknown", undefined],
  ] as const)
    it(`tells ${name}`, async () => {
      const [view] = await draw([frame("channelOpen", "target", 0, payload, 7)]);
      assert.deepEqual([view?.channel, view?.kind, view?.destination], [7, kind, destination]);
      assert.equal(view?.openedBy, "target");
    });

  it("tells a refused open", async () => {
    const [view] = await draw([
      frame("channelOpen", "client", 0, open()),
      frame("channelOpenFailure", "bastion", 9),
    ]);
    assert.deepEqual([view?.state, view?.closedAtUs], ["refused", 9000]);
  });

  it("does not believe the wrong side, nor absurd sizes, nor malformed requests", async () => {
    const [view] = await draw([
      frame("channelOpen", "client", 0, open()),
      ask("client", 0, ptyRequest(0, 4_294_967_295)),
      ask("client", 1, request("exit-status", false, 0)),
      ask("target", 1, request("window-change", false, 1, 1, 0, 0)),
      ask("target", 1, request("exec", false, "rm")),
      ask("client", 1, Buffer.from("junk")),
    ]);
    assert.deepEqual(view?.pty, { term: "xterm-256color", columns: 80, rows: 500 });
    assert.deepEqual([view.exit, view.start], [undefined, undefined]);
  });

  it("keeps channels apart, in the order of their opening", async () => {
    const views = await draw([
      ...shell(0),
      ...exec("id", 1, 2),
      typed(2, "x"),
      typed(3, "yz", 2),
      typed(4, "lost", 9),
    ]);
    assert.deepEqual(
      views.map(({ channel, bytes }) => [channel, bytes.client]),
      [
        [1, 1],
        [2, 2],
      ],
    );
  });

  it("follows twenty thousand requests that nobody has answered, and keeps some variables of them", async () => {
    const frames = [frame("channelOpen", "client", 0, open())];
    const one = ask("client", 1, request("env", true, "LC_ALL", "C"));
    for (let count = 0; count < 20_000; count += 1) frames.push(one);
    for (let count = 0; count < 19_999; count += 1) frames.push(frame("channelSuccess", "target", 2));
    frames.push(ask("client", 3, request("shell", true)), frame("channelSuccess", "target", 4));
    frames.push(frame("channelFailure", "target", 5));
    const [view] = await draw(frames);
    assert.deepEqual([view?.env.length, view?.start], [256, undefined]); // the last answer is the shell's
  });
});
