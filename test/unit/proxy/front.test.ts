import assert from "node:assert/strict";
import { mock } from "node:test";
import { BastionFront } from "../../../src/proxy/front.js";
import { CommandTable } from "../../../src/proxy/command-table.js";
import type { ControlLink } from "../../../src/proxy/control-link.js";
import type { Proxy } from "../../../src/proxy/proxy.js";
import { WireWriter } from "../../../src/wire/index.js";
import { settings } from "../rpc/samples.js";
import { FakeTransport } from "./fake-transport.js";
import { close, confirm, data, failure, globalRequest, open, request, requestFailure } from "./messages.js";

interface Answers {
  /** What control says to `mayReach`; it does not answer when left out. */
  readonly mayReach?: { ok: true } | { ok: false; reason: string; text: string };
  readonly channelsMax?: number;
}

function front({ mayReach, channelsMax = 4 }: Answers = {}) {
  const transport = new FakeTransport();
  const served: string[] = [];
  const told: unknown[] = [];
  const control = {
    losses: 0,
    linked: true,
    call: () => (mayReach ? Promise.resolve(mayReach) : Promise.reject(new Error("no link"))),
    report: (name: string, params: object) => void told.push({ name, ...params }),
  };
  const proxy = {
    settings: { ...settings, limits: { ...settings.limits, channelsPerConnection: channelsMax } },
    control,
    commands: new CommandTable(control as unknown as ControlLink),
    hostCertificates: { hostKeyFor: () => Promise.resolve({ type: "ssh-ed25519" }) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const user = { identity: "alice", login: "L1", losses: 0 };
  const serve = (_channel: unknown, _hostKey: unknown, jump: { target: string }) => served.push(jump.target);
  const it = new BastionFront(proxy as unknown as Proxy, transport.asTransport, user, serve);
  return { transport, served, control, told, front: it };
}

const jumpTo = (number: number, target: string, options: { packet?: number } = {}) =>
  open("direct-tcpip", number, {
    ...options,
    rest: new WireWriter().string(target).uint32(22).string("127.0.0.1").uint32(9).finish(),
  });

/** Recipient and reason of a refused open. */
const refusal = (payload: Buffer | undefined) => [
  payload?.[0],
  payload?.readUInt32BE(1),
  payload?.readUInt32BE(5),
];

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("proxy/front", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("serves a jump to what may be reached", async () => {
    const { transport, served, front: it } = front({ mayReach: { ok: true } });
    it.receive(jumpTo(5, "prod-db-1"));
    await settled();
    assert.deepEqual(served, ["prod-db-1"]);
    assert.deepEqual(transport.take(), [confirm(5, 0)]);
  });

  it("refuses a jump with control's words, or says that control is away", async () => {
    const no = { ok: false as const, reason: "unknown-target", text: "no such target" };
    for (const [answers, reason, words] of [
      [{ mayReach: no }, 1, "no such target"],
      [{}, 2, "cannot decide just now"],
    ] as const) {
      const { transport, served, front: it } = front(answers);
      it.receive(jumpTo(5, "prod-db-1"));
      await settled();
      const [answer] = transport.take();
      assert.deepEqual(refusal(answer), [92, 5, reason]);
      assert.ok(answer?.includes(words));
      assert.deepEqual(served, []);
    }
  });

  it("forwards nothing else", () => {
    const { transport, front: it } = front();
    for (const type of ["direct-streamlocal@openssh.com", "x11", "tun@openssh.com", "new"]) {
      it.receive(open(type, 5));
      assert.deepEqual(refusal(transport.take()[0]), [92, 5, 1]);
    }
    it.receive(globalRequest("tcpip-forward", true));
    it.receive(globalRequest("keepalive@openssh.com", true));
    it.receive(globalRequest("no-more-sessions@openssh.com", false));
    assert.deepEqual(transport.take(), [requestFailure(), requestFailure()]);
  });

  it("counts the jumps that are being decided", () => {
    const { transport, front: it } = front({ channelsMax: 2 });
    for (const number of [1, 2, 3]) it.receive(jumpTo(number, "prod-db-1"));
    assert.deepEqual(transport.take().map(refusal), [[92, 3, 4]]);
  });

  it("refuses packets too small to be useful", () => {
    const { transport, front: it } = front();
    it.receive(jumpTo(5, "prod-db-1", { packet: 1023 }));
    assert.deepEqual(refusal(transport.take()[0]), [92, 5, 4]);
  });

  it("lets go of a channel when both sides have closed it", () => {
    const { transport, front: it } = front({ channelsMax: 1 });
    it.receive(open("session", 5));
    it.receive(request(0, "shell", false));
    it.receive(close(0));
    transport.take();
    it.receive(open("session", 6));
    assert.deepEqual(transport.take(), [confirm(6, 1, 65_536)]);
  });

  it("runs eight commands at once, beside jumps", async () => {
    const { transport, told, front: it } = front({ mayReach: { ok: true }, channelsMax: 64 });
    it.receive(jumpTo(1, "prod-db-1"));
    for (let number = 10; number < 19; number++) {
      it.receive(open("session", number));
      it.receive(request(number - 9, "shell", false));
    }
    await settled();
    assert.equal(told.length, 8);
    assert.deepEqual(refusal(transport.take().find(([type]) => type === 92)), [92, 18, 4]);
    it.receive(close(3));
    it.receive(open("session", 19));
    assert.ok(transport.take().some(([type]) => type === 91));
  });

  it("ends a connection whose login control has forgotten, once nothing is open on it", async () => {
    const { transport, control, front: it } = front({ mayReach: { ok: true } });
    it.receive(jumpTo(1, "prod-db-1"));
    it.receive(open("session", 2));
    await settled();
    control.losses = 1;
    it.receive(close(1));
    assert.deepEqual(transport.disconnects, []);
    it.receive(close(0));
    assert.deepEqual(transport.disconnects, [
      { reason: 11, text: "bascule: control was restarted; connect again" },
    ]);
  });

  it("answers keepalives on the connection and on a channel", () => {
    const { transport, front: it } = front();
    it.receive(open("session", 5));
    transport.take();
    it.receive(globalRequest("keepalive@openssh.com", true));
    it.receive(request(0, "keepalive@openssh.com", true));
    assert.deepEqual(transport.take(), [requestFailure(), failure(5)]);
  });

  it("says when the connection of a login is gone, after its commands", () => {
    const { told, front: it } = front();
    it.receive(open("session", 5));
    it.receive(request(0, "shell", false));
    told.length = 0;
    it.ended();
    assert.deepEqual(told, [
      { name: "commandGone", command: 1 },
      { name: "loginEnded", login: "L1" },
    ]);
  });

  const malformed: [name: string, payload: Buffer][] = [
    ["data-longer-than-it-says", Buffer.concat([data(0, "x"), Buffer.of(0)])],
    ["an-open-that-is-cut", open("session", 5).subarray(0, 12)],
    ["a-jump-without-a-target", open("direct-tcpip", 5)],
    ["a-request-that-is-cut", request(0, "shell", true).subarray(0, 9)],
  ];
  for (const [name, payload] of malformed)
    it(`ends at ${name}`, () => {
      const { transport, front: it } = front();
      it.receive(payload);
      assert.deepEqual(transport.disconnects, [{ reason: 2, text: "malformed message" }]);
    });

  it("ends a connection on which nothing is open for a minute, and no other", () => {
    const [idle, used] = [front(), front()];
    used.front.receive(open("session", 5));
    mock.timers.tick(60_000);
    assert.equal(idle.transport.disconnects.length, 1);
    assert.equal(used.transport.disconnects.length, 0);
    used.front.receive(close(0));
    mock.timers.tick(60_000);
    assert.equal(used.transport.disconnects.length, 1);
  });

  it("waits for nothing once the connection is gone", () => {
    const { transport, front: it } = front();
    it.receive(open("session", 5));
    transport.destroy();
    const timers = mock.method(globalThis, "setTimeout");
    it.ended();
    assert.equal(timers.mock.callCount(), 0);
    timers.mock.restore();
  });
});
