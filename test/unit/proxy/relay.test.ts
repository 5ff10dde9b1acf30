import assert from "node:assert/strict";
import {
  adjust,
  close,
  confirm,
  data,
  eof,
  failure,
  globalRequest,
  open,
  openFailure,
  ptyRequest,
  request,
  requestFailure,
  requestSuccess,
  stderr,
  success,
  text,
} from "./messages.js";
import { atClient, atTarget, RelayBench, type Side } from "./relay-bench.js";

const everything = [
  ...["shell", "exec", "sftp", "subsystem", "local-forward", "remote-forward", "agent", "x11"],
];
const other = (side: Side): Side => (side === "client" ? "target" : "client");
const refusedGlobal = globalRequest("refused@bascule", true);

describe("proxy/relay", () => {
  const passing: [name: string, from: Side, payload: Buffer, kept: string][] = [
    ["keystrokes", "client", data(atTarget, "ls\r"), "94 client 1"],
    ["output", "target", data(atClient, Buffer.alloc(32_768, 1)), "94 target 1"],
    ["no-bytes-at-all", "client", data(atTarget, ""), "94 client 1"],
    ["stderr", "target", stderr(atClient, "oops"), "95 target 1"],
    ["end-of-file", "client", eof(atTarget), "96 client 1"],
    ["target's-end-of-file", "target", eof(atClient), "96 target 1"],
    ["close", "client", close(atTarget), "97 client 1"],
    ["signal", "client", request(atTarget, "signal", false, text("INT")), "98 client 1"],
    ["terminal", "client", ptyRequest(atTarget), "98 client 1"],
    ["exit-status", "target", request(atClient, "exit-status", false, Buffer.alloc(4)), "98 target 1"],
    ["request-nobody-knows", "client", request(atTarget, "new@x", true, Buffer.of(1)), "98 client 1"],
    ["success", "target", success(atClient), "99 target 1"],
    ["failure", "target", failure(atClient), "100 target 1"],
    ["keepalive", "client", globalRequest("keepalive@openssh.com", true), "80 client 0"],
    ["target's-keepalive", "target", globalRequest("keepalive@openssh.com", true), "80 target 0"],
    ["global-success", "target", requestSuccess(), "81 target 0"],
    ["global-failure", "client", requestFailure(), "82 client 0"],
    ["open-failure", "target", openFailure(8), "92 target 2"],
    ["number-nobody-knows", "client", Buffer.of(127, 1, 2), "127 client 0"],
  ];
  for (const [name, from, payload, kept] of passing)
    it(`passes ${name} unchanged and keeps it`, async () => {
      const bench = new RelayBench();
      await bench.session();
      if (name === "open-failure") await bench.from("client", open("session", 8));
      bench.forget();
      await bench.from(from, payload);
      assert.deepEqual(bench.to(other(from)).take(), [payload]);
      assert.deepEqual(bench.to(from).take(), []);
      assert.deepEqual(bench.kept(), [kept]);
      assert.deepEqual(bench.broken, []);
    });

  it("passes window adjusts without keeping them", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("client", adjust(atTarget, 1000));
    await bench.from("target", adjust(atClient, 2000));
    assert.deepEqual(bench.target.take(), [adjust(atTarget, 1000)]);
    assert.deepEqual(bench.client.take(), [adjust(atClient, 2000)]);
    assert.deepEqual(bench.kept(), []);
  });

  it("keeps the bytes alone of data, and everything behind the channel's number of the rest", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("client", data(atTarget, "abc"), stderr(atTarget, "d"), request(atTarget, "x", true));
    assert.deepEqual(
      bench.frames.map(({ payload }) => payload.toString("latin1")),
      ["abc", "\0\0\0\x01d", "\0\0\0\x01x\x01"],
    );
  });

  it("has what the client sends written before the target has it, in one write for each turn", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("client", data(atTarget, "a"), data(atTarget, "b"));
    await bench.from("client", eof(atTarget));
    const once = ["flush", "to target"];
    assert.deepEqual(bench.order, ["record", "record", ...once, "to target", "record", ...once]);
  });

  it("keeps what the target sends before the client has it", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("target", data(atClient, "a"));
    assert.deepEqual(bench.order, ["record", "to client"]);
  });

  it("drops messages that are none of the connection's", async () => {
    const bench = new RelayBench();
    for (const type of [0, 5, 30, 50, 79, 128, 192, 255])
      for (const side of ["client", "target"] as const) await bench.from(side, Buffer.of(type, 1, 2, 3));
    assert.deepEqual([bench.client.sent, bench.target.sent, bench.frames, bench.broken], [[], [], [], []]);
  });

  it("closes a channel when both sides have, and lets its numbers be used again", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("target", close(atClient));
    await bench.from("client", data(atTarget, "still on its way"), close(atTarget));
    await bench.session();
    await bench.from("client", data(atTarget, "x"));
    assert.deepEqual(bench.kept(), ["94 client 2"]);
    assert.deepEqual(bench.broken, []);
  });
});

describe("proxy/relay, when the recorder fails", () => {
  it("sends nothing on of a turn that was not written, and nothing after it", async () => {
    const bench = new RelayBench();
    await bench.session();
    bench.failing = "flush";
    await bench.from("client", data(atTarget, "a"), data(atTarget, "b"));
    bench.failing = undefined;
    await bench.from("client", data(atTarget, "c"));
    await bench.from("target", data(atClient, "d"));
    assert.deepEqual([bench.target.sent, bench.client.sent], [[], []]);
    assert.deepEqual(
      bench.broken.map(({ message }) => message),
      ["disk is full"],
    );
  });

  for (const side of ["client", "target"] as const)
    it(`sends nothing on of the ${side} that could not be kept`, async () => {
      const bench = new RelayBench();
      await bench.session();
      bench.failing = "append";
      await bench.from(side, data(side === "client" ? atTarget : atClient, "a"));
      assert.deepEqual([bench.target.sent, bench.client.sent], [[], []]);
      assert.equal(bench.broken.length, 1);
    });

  it("still tells the person on every channel", async () => {
    const bench = new RelayBench(["exec"]);
    await bench.command();
    bench.failing = "append";
    await bench.from("client", data(atTarget, "a"));
    assert.equal(bench.relay.stop("it can no longer be recorded"), true);
    const [words] = bench.client.take();
    assert.ok(words?.includes("it can no longer be recorded"));
  });
});

describe("proxy/relay, what a role allows", () => {
  const env = (name: string) => request(atTarget, "env", true, text(name, "value"));
  const requests: [kind: string, ask: (wantReply: boolean) => Buffer][] = [
    ["shell", (wantReply) => request(atTarget, "shell", wantReply)],
    ["exec", (wantReply) => request(atTarget, "exec", wantReply, text("id"))],
    ["sftp", (wantReply) => request(atTarget, "subsystem", wantReply, text("sftp"))],
    ["subsystem", (wantReply) => request(atTarget, "subsystem", wantReply, text("netconf"))],
    ["agent", (wantReply) => request(atTarget, "auth-agent-req@openssh.com", wantReply)],
    ["x11", (wantReply) => request(atTarget, "x11-req", wantReply)],
    ["remote-forward", (wantReply) => globalRequest("tcpip-forward", wantReply)],
    ["remote-forward", (wantReply) => globalRequest("streamlocal-forward@openssh.com", wantReply)],
  ];
  for (const [kind, ask] of requests) {
    const payload = ask(true);
    const isGlobal = payload[0] === 80;

    it(`has the target refuse what needs ${kind}, in the order of its answers`, async () => {
      const bench = new RelayBench(everything.filter((name) => name !== kind));
      await bench.session();
      const [before, behind] = [ptyRequest(atTarget), request(atTarget, "signal", true)];
      await bench.from("client", before, payload, behind);
      const refused = isGlobal ? refusedGlobal : request(atTarget, "refused@bascule", true);
      assert.deepEqual(bench.target.take(), [before, refused, behind]);
      assert.deepEqual(bench.client.take(), []);
      assert.deepEqual(
        bench.refused.map(([, reason]) => reason),
        [`needs ${kind}`],
      );
      assert.ok(bench.kept().includes(`195 bastion ${isGlobal ? 0 : 1}`));
    });

    it(`drops what needs ${kind} when no answer is wanted`, async () => {
      const bench = new RelayBench();
      await bench.session();
      await bench.from("client", ask(false));
      assert.deepEqual(bench.target.take(), []);
      assert.equal(bench.refused.length, 1);
    });

    it(`passes what needs ${kind} to those who may`, async () => {
      const bench = new RelayBench([kind]);
      await bench.session();
      await bench.from("client", payload);
      assert.deepEqual(bench.target.take(), [payload]);
      assert.deepEqual(bench.refused, []);
    });
  }

  it("passes no variable that is not in the list", async () => {
    const bench = new RelayBench(everything);
    await bench.session();
    await bench.from("client", env("LC_ALL"), env("LD_PRELOAD"), env("LANG"));
    const refused = request(atTarget, "refused@bascule", true);
    assert.deepEqual(bench.target.take(), [env("LC_ALL"), refused, env("LANG")]);
    await bench.from("client", request(atTarget, "env", false, text("LD_PRELOAD", "x")));
    assert.deepEqual(bench.target.take(), []);
    assert.deepEqual(bench.refused, []); // OpenSSH sends them unasked: nobody is to be blamed for it
  });

  const opens: [from: Side, type: string, kind: string | undefined][] = [
    ["client", "direct-tcpip", "local-forward"],
    ["client", "direct-streamlocal@openssh.com", "local-forward"],
    ["client", "tun@openssh.com", undefined],
    ["client", "x11", undefined],
    ["client", "something-new", undefined],
    ["target", "forwarded-tcpip", "remote-forward"],
    ["target", "forwarded-streamlocal@openssh.com", "remote-forward"],
    ["target", "auth-agent@openssh.com", "agent"],
    ["target", "agent-connect", "agent"],
    ["target", "x11", "x11"],
    ["target", "session", undefined],
    ["target", "direct-tcpip", undefined],
    ["target", "something-new", undefined],
  ];
  for (const [from, type, kind] of opens) {
    it(`refuses the ${from} a channel of type ${type} by itself`, async () => {
      const bench = new RelayBench(everything.filter((name) => name !== kind));
      await bench.from(from, open(type, 9));
      assert.deepEqual(bench.to(other(from)).take(), []);
      const [answer, ...more] = bench.to(from).take();
      assert.deepEqual([answer?.subarray(0, 9).toString("hex"), more], ["5c0000000900000001", []]);
      assert.deepEqual(bench.kept(), [`90 ${from} 0`, "195 bastion 0", "92 bastion 0"]);
      assert.deepEqual(bench.refused, [[`channel ${type}`, `needs ${kind ?? "unknown-channel-type"}`]]);
    });

    if (kind !== undefined)
      it(`passes a channel of type ${type} where ${kind} is allowed`, async () => {
        const bench = new RelayBench([kind]);
        await bench.from(from, open(type, 9));
        await bench.from(other(from), confirm(9, 4));
        assert.deepEqual(bench.to(other(from)).take(), [open(type, 9)]);
        assert.deepEqual(bench.to(from).take(), [confirm(9, 4)]);
      });
  }

  it("refuses a channel too many, and takes it when another is closed", async () => {
    const bench = new RelayBench([], { channelsMax: 1 });
    await bench.session();
    await bench.from("client", open("session", 8));
    assert.equal(bench.client.take()[0]?.subarray(0, 9).toString("hex"), "5c0000000800000004");
    await bench.from("client", close(atTarget));
    await bench.from("target", close(atClient));
    bench.forget();
    await bench.from("client", open("session", 8));
    assert.equal(bench.target.take().length, 1);
  });

  it("keeps the target's host keys from the client", async () => {
    const bench = new RelayBench();
    for (const name of ["hostkeys-00@openssh.com", "hostkeys-prove-00@openssh.com"]) {
      await bench.from("target", globalRequest(name, false));
      assert.deepEqual(bench.client.take(), []);
      await bench.from("target", globalRequest(name, true));
      assert.deepEqual(bench.client.take(), [refusedGlobal]); // the client refuses it, in the order of its answers
    }
    assert.deepEqual(bench.broken, []);
  });
});

describe("proxy/relay, rules that are broken", () => {
  const nothing: Buffer = Buffer.alloc(0);
  const cut = (payload: Buffer) => payload.subarray(0, -1);
  const longer = (payload: Buffer) => Buffer.concat([payload, Buffer.of(0)]);
  const broken: [name: string, from: Side, payload: Buffer][] = [
    ["data-for-an-unknown-channel", "client", data(99, "x")],
    ["target's-data-for-an-unknown-channel", "target", data(99, "x")],
    ["data-for-the-sender's-own-number", "client", data(atClient, "x")],
    ["data-shorter-than-it-says", "client", cut(data(atTarget, "xyz"))],
    ["data-longer-than-it-says", "client", longer(data(atTarget, "xyz"))],
    ["data-without-a-length", "target", data(atClient, "x").subarray(0, 8)],
    ["stderr-longer-than-it-says", "target", longer(stderr(atClient, "x"))],
    ["adjust-for-an-unknown-channel", "client", adjust(99, 1)],
    ["adjust-with-more-behind-it", "client", longer(adjust(atTarget, 1))],
    ["eof-for-an-unknown-channel", "target", eof(99)],
    ["close-for-an-unknown-channel", "client", close(99)],
    ["request-for-an-unknown-channel", "client", request(99, "shell", true)],
    ["request-without-a-name", "client", request(atTarget, "", true).subarray(0, 6)],
    ["request-with-a-name-that-is-no-text", "client", request(atTarget, "\0", true)],
    ["subsystem-without-a-name", "client", request(atTarget, "subsystem", true, nothing)],
    ["variable-without-a-name", "client", request(atTarget, "env", true, nothing)],
    ["terminal-without-a-size", "client", request(atTarget, "pty-req", true, text("xterm"))],
    [
      "answer-wanted-neither-yes-nor-no",
      "client",
      Buffer.concat([cut(request(atTarget, "shell", true)), Buffer.of(2)]),
    ],
    ["global-request-that-is-cut", "client", cut(globalRequest("x", true))],
    ["open-that-is-cut", "client", cut(open("session", 8)).subarray(0, 16)],
    ["open-with-a-number-in-use", "client", open("session", atClient)],
    ["answer-to-an-open-that-was-answered", "target", confirm(atClient, 5)],
    ["refusal-of-an-open-that-was-answered", "target", openFailure(atClient)],
    ["answer-to-nothing", "client", confirm(99, 5)],
    ["answer-to-its-own-open", "client", confirm(atTarget, 5)],
  ];
  for (const [name, from, payload] of broken)
    it(`ends at ${name}`, async () => {
      const bench = new RelayBench(everything);
      await bench.session();
      await bench.from(from, payload);
      await bench.from("client", data(atTarget, "after"));
      assert.equal(bench.broken.length, 1);
      assert.deepEqual([bench.client.take(), bench.target.take()], [[], []]);
    });

  it("ends when the target gives two channels the same number", async () => {
    const bench = new RelayBench();
    await bench.session();
    await bench.from("client", open("session", 8));
    await bench.from("target", confirm(8, atTarget));
    assert.equal(bench.broken.length, 1);
  });

  it("ends when the client answers an open for the target", async () => {
    const bench = new RelayBench(["x11"]);
    await bench.from("target", open("x11", 5));
    await bench.from("target", confirm(5, 6));
    assert.equal(bench.broken.length, 1);
  });
});

describe("proxy/relay, flow", () => {
  const sides: [from: Side, payload: Buffer][] = [
    ["client", data(atTarget, "x")],
    ["target", data(atClient, "x")],
  ];
  for (const [from, payload] of sides)
    it(`stops reading from the ${from} while its other side does not take what there is`, async () => {
      const bench = new RelayBench();
      await bench.session();
      const [reader, writer] = [bench.to(from), bench.to(other(from))];
      const drained = () => (from === "client" ? bench.relay.targetDrained() : bench.relay.clientDrained());
      await bench.from(from, payload);
      assert.deepEqual(reader.brakes, []);
      writer.queuedBytes = 1024 * 1024 + 1;
      await bench.from(from, payload);
      drained();
      assert.deepEqual(reader.brakes, ["pause"]);
      writer.queuedBytes = 0;
      drained();
      assert.deepEqual(reader.brakes, ["pause", "resume"]);
      assert.deepEqual(writer.brakes, []);
    });
});
