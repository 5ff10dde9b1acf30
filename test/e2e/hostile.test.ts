import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { message } from "../../src/ssh2/index.js";
import { WireWriter } from "../../src/wire/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { ledgerEvents, ledgerNow } from "../harness/ledger-now.js";
import { refusedWords } from "../harness/refused-words.js";
import {
  askForLogin,
  channelOpen,
  connectRaw,
  keyLogin,
  loginRaw,
  type RawClient,
} from "../harness/raw-client.js";
import { makeKey } from "../harness/ssh-keys.js";
import { until } from "../harness/until.js";

const graceMs = 3000;
const identification = "SSH-2.0-hostile\r\n";

const limits = `limits:
  loginGrace: ${graceMs / 1000}s
  unauthenticatedConnections: 40
  unauthenticatedConnectionsPerAddress: 10
  connectionsPerMinutePerAddress: 5000
  authenticationAttempts: 3
  channelsPerConnection: 5`;

describe("e2e/hostile", () => {
  let bastion: Bastion;
  let proxies: readonly number[];
  before(async function () {
    bastion = await startBastion({ settings: limits, proxies: 1 });
    await bastion.issue();
    proxies = bastion.pidsOf("proxy");
  });

  afterEach("the same processes go on serving", async () => {
    assert.deepEqual(bastion.pidsOf("proxy"), proxies);
    const host = `${bastion.login}+prod@bastion`;
    const { stdout, stderr } = await bastion.ssh("9.2", ["-b", "127.0.0.9", host, "echo well"]);
    assert.equal(stdout.toString(), "well\n", stderr);
    assert.deepEqual(bastion.pidsOf("proxy"), proxies);
  });

  /** A TCP connection from an address of one's own, and all that came over it. */
  async function open(
    localAddress = "127.0.0.2",
  ): Promise<{ socket: Socket; said: () => string; closed: Promise<number> }> {
    const socket = connect({ host: "127.0.0.1", port: bastion.port, localAddress });
    let said = "";
    socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
    socket.on("error", () => undefined);
    const startedMs = performance.now();
    // not `once`, which rejects for a socket that ends with an error, as one that is turned away may
    const closed = new Promise<number>((resolve) => {
      socket.once("close", () => resolve(performance.now() - startedMs));
    });
    closeAfterwards(() => Promise.resolve(socket.destroy()));
    await Promise.race([once(socket, "connect"), closed]);
    return { socket, said: () => said, closed };
  }

  const session = () => loginRaw(bastion.port, `${bastion.login}%prod`, bastion.alice);
  const front = () => loginRaw(bastion.port, "alice", bastion.alice);

  /** All at once, as each takes as long as the grace. */
  describe("before a login, until the grace is over", () => {
    const silences = new Map<string, Promise<number>>();
    let noise: Promise<number[]>;
    let tooLate: RawClient;
    let exchangedMs: Promise<number>;
    before(async () => {
      for (const [index, [name, words]] of [
        ["nothing at all", ""],
        ["an identification only", identification],
        ["half a key exchange", `${identification}\0\0\x03\xfc\x04\x14${"k".repeat(100)}`],
      ].entries() as ArrayIterator<[number, [string, string]]>) {
        const { socket, closed } = await open(`127.0.0.${30 + index}`);
        socket.write(words, "latin1");
        silences.set(name, closed);
      }
      const { socket, closed } = await open("127.0.0.29");
      const drip = setInterval(() => socket.write("S"), 200);
      silences.set(
        "a byte at a time",
        closed.finally(() => clearInterval(drip)),
      );
      const noisy = Array.from({ length: 10 }, async (_, index) => {
        const one = await open();
        if (index % 2 === 0) one.socket.write(identification);
        one.socket.write(randomBytes(1 + 7000 * index));
        return one.closed;
      });
      noise = Promise.all(noisy);
      const startedMs = performance.now();
      tooLate = await connectRaw(bastion.port);
      exchangedMs = tooLate.ended.then(() => performance.now() - startedMs);
    });

    it("random bytes", async () => {
      for (const tookMs of await noise) assert.ok(tookMs < graceMs + 2500, `after ${tookMs} ms`);
    });

    for (const name of [
      "nothing at all",
      "an identification only",
      "half a key exchange",
      "a byte at a time",
    ])
      it(`${name}: closed after the grace`, async () => {
        const tookMs = (await silences.get(name)) ?? assert.fail();
        assert.ok(tookMs > graceMs - 200 && tookMs < graceMs + 2500, `after ${tookMs} ms`);
      });

    it("a key exchange and no login: closed after the grace", async () => {
      const { detail } = await tooLate.ended;
      assert.match(detail, /login took too long/u);
      assert.ok((await exchangedMs) < graceMs + 2500);
    });
  });

  describe("before a login", () => {
    it("a packet that says it is longer than any", async () => {
      const { socket, closed } = await open();
      socket.write(identification);
      socket.write(Buffer.from("7fffffff04140000", "hex"));
      assert.ok((await closed) < graceMs);
    });

    it("more bytes than a login needs", async () => {
      const { socket, closed } = await open();
      const flood = setInterval(() => socket.write(Buffer.alloc(16_384, "a\r\n")), 20);
      const tookMs = await closed;
      clearInterval(flood);
      assert.ok(tookMs < graceMs);
    });

    it("too many tries", async () => {
      const client = await connectRaw(bastion.port);
      await askForLogin(client);
      const strange = await makeKey("strange");
      for (let tries = 0; tries < 4; tries += 1) client.send(keyLogin(client, "alice", strange));
      assert.match((await client.ended).detail, /too many tries/u);
      assert.equal(client.received.filter(([number]) => number === message.userauthFailure).length, 3);
    });

    it("a channel, and other messages of the time after the login", async () => {
      const client = await connectRaw(bastion.port);
      await askForLogin(client);
      client.send(channelOpen(0));
      assert.match((await client.ended).detail, /unexpected message before login/u);
    });

    it("another user in the middle of a login", async () => {
      const client = await connectRaw(bastion.port);
      await askForLogin(client);
      const strange = await makeKey("strange");
      client.send(keyLogin(client, "alice", strange));
      client.send(keyLogin(client, "bob", strange));
      assert.match((await client.ended).detail, /not allowed/u);
    });

    it("more strangers from one address, and in all, than there may be", async () => {
      const tooMany = /too many connections/u;
      const first = await Promise.all(Array.from({ length: 15 }, () => open("127.0.0.3")));
      await sleep(500);
      assert.equal(first.filter(({ said }) => tooMany.test(said())).length, 5);
      const addresses = Array.from({ length: 40 }, (_, index) => `127.0.0.${20 + (index % 8)}`);
      const more = await Promise.all(addresses.map(open));
      await sleep(500);
      assert.equal(more.filter(({ said }) => tooMany.test(said())).length, 10);
      for (const { socket } of [...first, ...more]) socket.destroy();
      await sleep(200);
    });

    it("1,000 connections at once", async function () {
      const all = await Promise.all(
        Array.from({ length: 1000 }, (_, index) => open(`127.0.3.${index % 250}`)),
      );
      for (const { socket } of all) if (!socket.readableEnded) socket.write(identification); // else turned away already
      const refused = () => all.filter(({ said }) => said().includes("too many connections")).length;
      await until("900 are refused", () => refused() >= 900);
      assert.ok(refused() >= 900, `${refused()} were refused`);
      for (const { closed } of all) await closed;
      assert.ok(descriptorsOf(proxies[0] ?? 0) < 200, "their sockets are let go");
    });
  });

  describe("with a good certificate", () => {
    const ids = async () =>
      (await ledgerNow(bastion.home)).flatMap((event) => (event.type === "session.started" ? [event] : []));

    async function opened(client: RawClient, number: number): Promise<number> {
      client.send(channelOpen(number));
      return (await client.waitFor(message.channelOpenConfirmation)).readUInt32BE(5);
    }

    const exec = (channel: number, command: string) =>
      new WireWriter()
        .byte(message.channelRequest)
        .uint32(channel)
        .string("exec")
        .boolean(true)
        .string(command)
        .finish();
    const data = (channel: number, text: string) =>
      new WireWriter().byte(message.channelData).uint32(channel).string(text).finish();

    /** Breaking the rules ends the session, as failed, and nothing of it comes through. */
    async function breaks(
      name: string,
      breakRules: (client: RawClient, channel: number) => void,
    ): Promise<void> {
      const client = await session();
      const channel = await opened(client, 0);
      const file = join(bastion.home, name);
      client.send(exec(channel, `: > ${file}; echo ready; cat >> ${file}`));
      await client.waitFor(message.channelData);
      breakRules(client, channel);
      client.send(data(channel, "after"));
      await client.ended;
      assert.equal(statSync(file).size, 0);
      const { session: id = "" } = (await ids()).at(-1) ?? {};
      const outcome = async () =>
        (await ledgerNow(bastion.home)).find(
          (event) => event.type === "session.ended" && event.session === id,
        );
      await until("it is in the books", async () => (await outcome()) !== undefined);
      const ended = await outcome();
      assert.equal(ended?.type === "session.ended" && ended.outcome, "failed");
    }

    it("more channels than there may be", async () => {
      const client = await session();
      for (let number = 0; number < 20; number += 1) client.send(channelOpen(number));
      const failures = () => client.received.filter(([number]) => number === message.channelOpenFailure);
      await until("fifteen are refused", () => failures().length >= 15);
      assert.equal(failures().length, 15);
      assert.match(failures()[0]?.toString() ?? "", /too many channels/u);
    });

    it("jumps and sessions on the bastion itself, more than there may be", async () => {
      const client = await front();
      for (let number = 0; number < 20; number += 1) client.send(channelOpen(number));
      const failures = () => client.received.filter(([number]) => number === message.channelOpenFailure);
      await until("fifteen are refused", () => failures().length >= 15);
      assert.equal(failures().length, 15);
    });

    it("data for a channel that is not open", () =>
      breaks("not-open", (client) => client.send(data(77, "x"))));

    it("a channel number twice", () => breaks("twice", (client) => client.send(channelOpen(0))));

    it("data shorter than it says", () =>
      breaks("short", (client, channel) =>
        client.send(Buffer.concat([data(channel, "x").subarray(0, 5), Buffer.from("000000ff61", "hex")])),
      ));

    it("a confirmation that nobody asked for", () =>
      breaks("unasked", (client, channel) =>
        client.send(
          new WireWriter()
            .byte(message.channelOpenConfirmation)
            .uint32(channel)
            .uint32(0)
            .uint32(9)
            .uint32(9)
            .finish(),
        ),
      ));

    it("messages longer than any may be", async () => {
      const client = await session();
      const channel = await opened(client, 0);
      client.send(data(channel, "x".repeat(40_000)));
      await client.ended;
    });

    it("numbers that are not of the connection protocol: nothing happens", async () => {
      const client = await session();
      for (const number of [128, 150, 191, 194, 255, 60, 61, 79]) client.send(Buffer.of(number, 1, 2, 3));
      client.send(keyLogin(client, `${bastion.login}%prod`, bastion.alice, bastion.alice.certificatePath));
      const channel = await opened(client, 0);
      client.send(exec(channel, "echo unharmed"));
      assert.match((await client.waitFor(message.channelData)).toString(), /unharmed/u);
      assert.equal(client.received.filter(([number]) => number === message.userauthSuccess).length, 1);
    });

    for (const [name, login] of [
      ["the bastion", front],
      ["a target", session],
    ] as const)
      it(`a flood of requests to ${name} whose answers are never read`, async function () {
        const client = await login();
        const request = new WireWriter()
          .byte(message.globalRequest)
          .string("x".repeat(30))
          .boolean(true)
          .finish();
        const open = channelOpen(1, "tun@openssh.com");
        client.transport.pause();
        const before = memoryOf(proxies[0] ?? 0);
        for (let round = 0; round < 120 && !client.transport.ended; round += 1) {
          for (let count = 0; count < 1000; count += 1) client.send(count % 2 === 0 ? request : open);
          for (let waits = 0; client.transport.queuedBytes > 1 << 20 && waits < 20; waits += 1)
            await sleep(5);
          if (client.transport.queuedBytes > 4 << 20) break; // it is not read any more, which is well
        }
        const grown = memoryOf(proxies[0] ?? 0) - before;
        assert.ok(grown < 64 << 20, `the proxy has grown by ${Math.round(grown / 1e6)} MB`);
        client.transport.destroy();
      });

    it("a flood of refused channels does not flood the ledger", async () => {
      const client = await session();
      const before = (await ledgerNow(bastion.home)).filter(
        (event) => event.type === "session.denied" && event.stage === "channel",
      ).length;
      for (let number = 0; number < 2000; number += 1) client.send(channelOpen(number, "tun@openssh.com"));
      const failures = () =>
        client.received.filter(([number]) => number === message.channelOpenFailure).length;
      await until("all are answered", () => failures() >= 2000 || client.transport.ended);
      await sleep(300);
      const denials = (await ledgerNow(bastion.home)).filter(
        (event) => event.type === "session.denied" && event.stage === "channel",
      );
      assert.ok(denials.length > 0);
      assert.ok(denials.length - before <= 100, `${denials.length - before} entries`);
    });

    it("nor does a flood of refused jumps", async () => {
      const client = await front();
      const jump = (number: number) =>
        new WireWriter()
          .raw(channelOpen(number, "direct-tcpip"))
          .string(`nowhere-${number}`)
          .uint32(22)
          .string("127.0.0.1")
          .uint32(1)
          .finish();
      for (let number = 0; number < 200 && !client.transport.ended; number += 1) {
        client.send(jump(number));
        await sleep(5);
      }
      assert.match((await client.ended).detail, /too many refused jumps/u);
      const words = refusedWords(bastion.home);
      const denials = (await ledgerEvents(bastion.home, "session.denied")).filter(
        (event) => words.get(event.words)?.target?.startsWith("nowhere-") === true,
      );
      assert.ok(denials.length >= 50 && denials.length <= 56, `${denials.length} entries`);
    });
  });
});

function descriptorsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident bytes. */
function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}
