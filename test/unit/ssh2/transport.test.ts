import assert from "node:assert/strict";
import fc from "fast-check";
import { disconnectReason, message, refusal, Transport } from "../../../src/ssh2/index.js";
import { memoryPair } from "../../../src/ssh2/memory-channel.js";
import { WireReader, WireWriter } from "../../../src/wire/index.js";
import { never, numbered, transportPair, until, type End } from "./transport-pair.js";

const kexdhInit = 30;

/** The message number of an unencrypted packet. */
const typeOf = (packet: Buffer) => packet[5];

function unencrypted(payload: Buffer): Buffer {
  const padding = 8 + ((8 - ((5 + payload.length) % 8)) % 8);
  return new WireWriter()
    .uint32(1 + payload.length + padding)
    .byte(padding)
    .raw(payload)
    .raw(Buffer.alloc(padding))
    .finish();
}

async function readyPair(options: Parameters<typeof transportPair>[0] = {}) {
  const pair = transportPair(options);
  await Promise.all([pair.client.ready, pair.server.ready]);
  return pair;
}

const codes = ({ ends }: End) => ends.map(({ code }) => code);

describe("ssh2/transport", () => {
  it("carries messages of every length whole, in order, both ways", async () => {
    const { client, server } = await readyPair();
    const lengths = [...Array.from({ length: 300 }, (_, at) => 5 + at), 32_768, 32_777, 34_000];
    const sent = lengths.map((length, number) => numbered(number, length));
    for (const payload of sent) {
      client.transport.send(payload);
      server.transport.send(payload);
    }
    await until(() => client.messages.length > sent.length && server.messages.length === sent.length);
    assert.deepEqual(server.messages, sent);
    assert.deepEqual(client.messages.slice(1), sent); // the first is EXT_INFO
  });

  it("lays out channel data as it is told to fill it", async () => {
    const { client, server } = await readyPair();
    client.transport.sendData(7, 3, (packet, at) => packet.write("abc", at, "latin1"));
    await until(() => server.messages.length === 1);
    assert.equal(server.messages[0]?.toString("hex"), "5e0000000700000003616263");
  });

  it("knows the other's name and the same session identifier", async () => {
    const { client, server } = await readyPair();
    assert.deepEqual(client.transport.sessionId, server.transport.sessionId);
    assert.equal(client.transport.sessionId.length, 32);
    assert.equal(server.transport.peerSoftware, "Bascule_1.0");
  });

  it("tells a client that asks which signatures it takes, before anything else", async () => {
    const { client } = await readyPair();
    await until(() => client.messages.length > 0);
    const reader = new WireReader(client.messages[0] as Buffer, 1);
    assert.equal(client.messages[0]?.[0], message.extInfo);
    assert.equal(reader.uint32(), 2);
    assert.equal(reader.text(), "server-sig-algs");
    const names = reader.text().split(",");
    assert.ok(names.includes("rsa-sha2-512") && names.includes("rsa-sha2-256") && !names.includes("ssh-rsa"));
    assert.equal(reader.text(), "ping@openssh.com");
  });

  it("does the same when every byte comes alone", async () => {
    const { client, server } = await readyPair({
      wire: (_from, bytes) => [...bytes].map((byte) => Buffer.from([byte])),
    });
    client.transport.send(numbered(1, 300));
    await until(() => server.messages.length === 1);
    assert.deepEqual(server.messages, [numbered(1, 300)]);
  });

  it("answers pings with what was in them, and keeps silence about what needs no answer", async () => {
    const { client, server } = await readyPair();
    await until(() => client.messages.length === 1);
    for (const type of [message.ignore, message.unimplemented, message.debug])
      client.transport.send(Buffer.concat([Buffer.of(type), Buffer.alloc(20)]));
    client.transport.send(Buffer.concat([Buffer.of(message.ping), Buffer.from("abc")]));
    await until(() => client.messages.length === 2);
    assert.equal(client.messages[1]?.toString("latin1"), "\xc1abc");
    assert.deepEqual(server.messages, []);
  });

  it("offers what suits the client, strict key exchange included, before it has sent anything else", async () => {
    const ciphers: string[] = [];
    for (const software of ["OpenSSH_9.2p1 Debian-2", "PuTTY_Release_0.78"]) {
      const [peer, ours] = memoryPair();
      const said: Buffer[] = [];
      peer.onData = (bytes) => said.push(bytes);
      const handler = { onReady: no, onMessage: no, onDrain: no, onEnd: no };
      const hostKey = { type: "ssh-ed25519", getPublicSSH: () => Buffer.alloc(0), sign: () => new Error() };
      const server = new Transport(ours, { role: "server", hostKeys: [hostKey] }, never, handler);
      peer.write(Buffer.from(`SSH-2.0-${software}\r\n`));
      await until(() => said.length === 2);
      const reader = new WireReader(said[1] as Buffer, 5 + 17);
      assert.match(
        reader.text(),
        /^mlkem768x25519-sha256,curve25519-sha256,.*kex-strict-s-v00@openssh\.com$/,
      );
      assert.equal(reader.text(), "ssh-ed25519");
      ciphers.push(reader.text());
      assert.equal(server.peerSoftware, software.split(" ")[0]);
      server.destroy();
    }
    assert.equal(ciphers[0], "aes128-gcm@openssh.com,aes256-gcm@openssh.com");
    assert.match(ciphers[1] ?? "", /chacha20-poly1305@openssh\.com/);
  });
});

describe("ssh2/transport, its end", () => {
  it("tells the other side why, and itself, once", async () => {
    const { client, server } = await readyPair();
    server.transport.disconnect(disconnectReason.byApplication, "grant has ended");
    server.transport.disconnect(disconnectReason.byApplication, "again");
    server.transport.destroy();
    server.transport.send(numbered(1));
    await until(() => client.ends.length > 0);
    assert.deepEqual(server.ends, [{ code: "CLOSED", detail: "grant has ended" }]);
    assert.deepEqual(client.ends, [{ code: "DISCONNECTED", detail: "reason 11: grant has ended" }]);
    assert.ok(client.transport.ended && server.transport.ended);
  });

  it("calls nothing after the end", async () => {
    const { client, server } = await readyPair();
    client.transport.send(numbered(1));
    server.transport.destroy();
    await until(() => client.ends.length > 0);
    server.channel.onData(Buffer.alloc(100));
    server.channel.onDrain();
    server.channel.onClose();
    assert.deepEqual([codes(server), server.messages, server.drains], [["CLOSED"], [], []]);
    assert.deepEqual(codes(client), ["CLOSED"]);
  });

  it("shows what is said before any key exchange", () => {
    const [, ours] = memoryPair();
    const ends: string[] = [];
    const side = {
      role: "client" as const,
      accepts: { plain: true, certified: false },
      verifyHostKey: refuse,
    };
    const onEnd = ({ code, detail }: { code: string; detail: string }) => ends.push(`${code} ${detail}`);
    new Transport(ours, side, never, { onReady: no, onMessage: no, onDrain: no, onEnd });
    ours.onData(refusal(disconnectReason.tooManyConnections, "too many: ü"));
    assert.deepEqual(ends, ["DISCONNECTED reason 12: too many: ü"]);
  });

  it("ends once on a byte that was changed after the key exchange", async () => {
    let isChanged = false;
    const flip = (bytes: Buffer) => {
      bytes[10] = (bytes[10] ?? 0) ^ 1;
      return [bytes];
    };
    const wire = (from: string, bytes: Buffer) => (isChanged && from === "client" ? flip(bytes) : [bytes]);
    const { client, server } = await readyPair({ wire });
    isChanged = true;
    client.transport.send(numbered(1, 100));
    client.transport.send(numbered(2, 100));
    await until(() => server.ends.length > 0);
    assert.deepEqual([codes(server), server.messages], [["PROTOCOL_ERROR"], []]);
  });

  it("ends once on a packet that is never finished", async () => {
    let cut = Infinity;
    const wire = (from: string, bytes: Buffer) => (from === "client" ? [bytes.subarray(0, cut)] : [bytes]);
    const { client, server } = await readyPair({ wire });
    cut = 20;
    client.transport.send(numbered(1, 100));
    client.transport.destroy();
    await until(() => server.ends.length > 0);
    assert.deepEqual([codes(server), server.messages], [["CLOSED"], []]);
  });

  it("ends once on random bytes, whatever came before them", () => {
    const before = fc.constantFrom("", "SSH-2.0-x\r\n", "SSH-1.99-x\r\n", "SSH-2.0-x\r\n\0\0\0\x0c", "\n");
    fc.assert(
      fc.property(before, fc.uint8Array({ minLength: 1, maxLength: 600 }), (start, bytes) => {
        const [, ours] = memoryPair();
        const ends: string[] = [];
        const onEnd = ({ code }: { code: string }) => ends.push(code);
        const hostKey = { type: "ssh-ed25519", getPublicSSH: () => Buffer.alloc(0), sign: () => new Error() };
        const side = { role: "server" as const, hostKeys: [hostKey] };
        const transport = new Transport(ours, side, never, {
          onReady: no,
          onMessage: no,
          onDrain: no,
          onEnd,
        });
        ours.onData(Buffer.concat([Buffer.from(start, "latin1"), bytes]));
        ours.onData(Buffer.alloc(40_000, 0xff));
        assert.ok(transport.ended);
        assert.deepEqual(ends, ["PROTOCOL_ERROR"]);
      }),
      { numRuns: 200 },
    );
  });

  it("ends on a message over its bound", async () => {
    const { client, server } = await readyPair({ messageBytesMax: 1000 });
    client.transport.send(numbered(1, 1000));
    client.transport.send(numbered(2, 1001));
    await until(() => server.ends.length > 0);
    assert.deepEqual([codes(server), server.messages], [["PROTOCOL_ERROR"], [numbered(1, 1000)]]);
  });

  it("ends when the hybrid's X25519 half has a low order", async () => {
    const wire = (from: string, bytes: Buffer) => {
      if (from === "client" && typeOf(bytes) === kexdhInit) bytes.fill(0, 5 + 5 + 1184, 5 + 5 + 1216);
      return [bytes];
    };
    const { client, server } = transportPair({ wire });
    await until(() => server.ends.length > 0 && client.ends.length > 0);
    assert.deepEqual([codes(server), codes(client)], [["PROTOCOL_ERROR"], ["DISCONNECTED"]]);
  });

  it("ends when the host did not sign what was exchanged", async () => {
    const wire = (from: string, bytes: Buffer) => {
      if (from === "client" && typeOf(bytes) === message.kexinit) bytes[8] = (bytes[8] ?? 0) ^ 1; // the cookie
      return [bytes];
    };
    const { client, server } = transportPair({ wire });
    await until(() => server.ends.length > 0 && client.ends.length > 0);
    assert.deepEqual(codes(client), ["PROTOCOL_ERROR"]);
  });
});

describe("ssh2/transport, strict key exchange", () => {
  const ignore = unencrypted(Buffer.concat([Buffer.of(message.ignore), Buffer.alloc(4)]));
  for (const [name, before] of [
    ["before the KEXINIT", message.kexinit],
    ["between KEXINIT and key exchange", kexdhInit],
  ] as const)
    for (const victim of ["client", "server"] as const)
      it(`ends when a message was put ${name} of the ${victim === "client" ? "server" : "client"}`, async () => {
        const answer = before === kexdhInit && victim === "client" ? 31 : before;
        const wire = (from: string, bytes: Buffer) =>
          from !== victim && typeOf(bytes) === answer ? [ignore, bytes] : [bytes];
        const pair = transportPair({ wire });
        await until(() => pair[victim].ends.length > 0);
        assert.deepEqual(codes(pair[victim]), ["PROTOCOL_ERROR"]);
      });
});

describe("ssh2/transport, flow", () => {
  it("stops reading from a peer that takes no answers, and goes on when it does", async () => {
    const { client, server } = await readyPair();
    const brakes = watchBrakes(server);
    const ping = Buffer.concat([Buffer.of(message.ping), Buffer.alloc(100)]);
    brakes.queue(5 * 1024 * 1024);
    client.transport.send(ping);
    await until(() => brakes.log.length > 0);
    server.channel.onDrain();
    assert.deepEqual(brakes.log, ["pause"]);
    brakes.queue(0);
    server.channel.onDrain();
    assert.deepEqual(brakes.log, ["pause", "resume"]);
  });

  it("leaves the brake on that its owner has pulled", async () => {
    const { client, server } = await readyPair();
    const brakes = watchBrakes(server);
    brakes.queue(5 * 1024 * 1024);
    client.transport.send(numbered(1));
    await until(() => brakes.log.length > 0);
    server.transport.pause();
    brakes.queue(0);
    server.channel.onDrain();
    assert.deepEqual(brakes.log, ["pause", "pause"]);
    server.transport.resume();
    assert.deepEqual(brakes.log, ["pause", "pause", "resume"]);
  });

  it("tells its owner that the peer has taken what was queued", async () => {
    const { server } = await readyPair();
    server.channel.onDrain();
    assert.equal(server.drains.length, 1);
  });
});

/** Sets how much a channel has queued, and notes how it is stopped and let go. */
function watchBrakes({ channel }: End): { log: string[]; queue(bytes: number): void } {
  const log: string[] = [];
  let queued = 0;
  Object.defineProperty(channel, "queuedBytes", { get: () => queued });
  channel.pause = () => void log.push("pause");
  channel.resume = () => void log.push("resume");
  return { log, queue: (bytes) => (queued = bytes) };
}

function no(): void {
  // nothing is of interest here
}

function refuse(): { ok: false } {
  return { ok: false };
}
