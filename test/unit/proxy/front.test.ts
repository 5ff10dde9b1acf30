import assert from "node:assert/strict";
import { mock } from "node:test";
import { BastionFront } from "../../../src/proxy/front.js";
import type { Proxy } from "../../../src/proxy/proxy.js";
import { WireWriter } from "../../../src/wire/index.js";
import { settings } from "../rpc/samples.js";
import { FakeTransport } from "./fake-transport.js";
import { close, confirm, data, globalRequest, open, request, requestFailure } from "./messages.js";

interface Answers {
  /** What control says to `mayReach`; it does not answer when left out. */
  readonly mayReach?: { ok: true } | { ok: false; reason: string; text: string };
  readonly channelsMax?: number;
}

function front({ mayReach, channelsMax = 4 }: Answers = {}) {
  const transport = new FakeTransport();
  const served: string[] = [];
  const proxy = {
    settings: { ...settings, limits: { ...settings.limits, channelsPerConnection: channelsMax } },
    control: { call: () => (mayReach ? Promise.resolve(mayReach) : Promise.reject(new Error("no link"))) },
    hostCertificates: { hostKeyFor: () => Promise.resolve({ type: "ssh-ed25519" }) },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const user = { identity: "alice", login: "L1", clientAddress: "127.0.0.1" };
  const serve = (_channel: unknown, _hostKey: unknown, jump: { target: string }) => served.push(jump.target);
  const it = new BastionFront(proxy as unknown as Proxy, transport.asTransport, user, serve);
  return { transport, served, front: it };
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
    assert.deepEqual(transport.take(), [confirm(6, 1)]);
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
