import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { generateSigner } from "../../../src/ledger/index.js";
import { ANSWER_BYTES_MAX, askByFetch } from "../../../src/witness/client/ask.js";
import { parseLogs } from "../../../src/witness/logs.js";
import { startWitness, type WitnessServer } from "../../../src/witness/index.js";
import { encodeSubmission, SUBMISSION_BYTES_MAX } from "../../../src/witness/submission.js";
import { closeAfterwards } from "../../harness/closing.js";
import { smallLog } from "../../harness/small-log.js";
import { temporaryFolder } from "../../harness/temporary.js";

const log = smallLog();
const signer = generateSigner("witness.example/w1", "cosignature");

/** The head of a body that says nothing of its length, and 32 KiB of it. */
const CHUNKED = "POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
const CHUNK = `8000\r\n${"x".repeat(0x8000)}\r\n`;

describe("witness/over-http", () => {
  const logged: string[] = [];
  let server: WitnessServer;
  let url = "";

  before(async () => {
    const note = (fields: object, message: string) =>
      void logged.push(`${message} ${JSON.stringify(fields)}`);
    server = await startWitness({
      ...{ signer, logs: parseLogs([log.verifierKey]), folder: join(temporaryFolder(), "state") },
      ...{ listen: { host: "127.0.0.1", port: 0 }, nowMs: () => Date.now() },
      ...{ log: { info: note, warn: note, error: note }, onFailure: (error) => assert.fail(String(error)) },
    });
    closeAfterwards(() => server.close());
    url = `http://127.0.0.1:${server.port}`;
  });

  /** Writes as it stands, and gives the first that comes back. */
  const sentRaw = (parts: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, "127.0.0.1").on("error", reject);
      socket.once("data", (data: Buffer) => {
        socket.destroy();
        resolve(data.toString());
      });
      for (const part of parts) socket.write(part);
    });
  const post = async (body: string | Buffer, path = "/add-checkpoint") => {
    const response = await fetch(url + path, { method: "POST", body, headers: { connection: "close" } });
    return {
      status: response.status,
      type: response.headers.get("content-type"),
      text: await response.text(),
    };
  };
  const add = async (oldSize: number, size: number, of = log) =>
    post(
      encodeSubmission({
        oldSize,
        proof: await of.prove(Math.min(oldSize, size), size),
        note: await of.checkpoint(size),
      }),
    );

  it("has a status for each answer of the specification", async () => {
    const first = await add(0, 4);
    assert.equal(first.status, 200);
    assert.match(first.text, /^— witness\.example\/w1 [A-Za-z0-9+/]+=*\n$/u);
    const size = { status: 409, type: "text/x.tlog.size", text: "4\n" };
    assert.deepEqual(await add(0, 5), size);
    assert.deepEqual(await add(5, 5), size);
    assert.deepEqual(await add(4, 4, log.fork(2)), size);
    const fork = log.fork(3);
    const rest = [
      await add(4, 6, fork),
      await add(5, 4),
      await add(4, 6, smallLog(log.origin)),
      await add(0, 1, smallLog("x")),
    ];
    assert.deepEqual(
      rest.map(({ status }) => status),
      [422, 400, 403, 404],
    );
    assert.equal((await post("nonsense")).status, 400);
    assert.equal((await post("", "/elsewhere")).status, 404);
    const got = await fetch(`${url}/add-checkpoint`, { headers: { connection: "close" } });
    assert.deepEqual([got.status, await got.text()], [405, "POST it\n"]);
  });

  it("logs the checkpoint of a fork whole: with the other one it is proof", async () => {
    const note = await log.fork(3).checkpoint(6);
    const line = logged.find(
      (text) => text.startsWith("log shows another history") && text.includes('"proof-invalid"'),
    );
    assert.ok(line?.includes(JSON.stringify(note)), line);
  });

  it("reads no body past its bound, said or unsaid", async () => {
    const long = Buffer.alloc(SUBMISSION_BYTES_MAX + 1, 0x20);
    assert.equal((await post(long)).status, 413);
    assert.match(await sentRaw([CHUNKED, ...Array.from({ length: 5 }, () => CHUNK)]), /^HTTP\/1\.1 413 /u);
    assert.equal((await add(4, 5)).status, 200);
  });

  it("goes on after a request that was broken off", async () => {
    const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
    socket.write("POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nold 5\n");
    await new Promise((written) => socket.write("A", written));
    socket.destroy();
    assert.equal((await add(5, 6)).status, 200);
  });
});

describe("witness/ask", () => {
  const never = new AbortController().signal;

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    closeAfterwards(async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  it("gives status, type and body", async () => {
    const url = await serve((_, response) =>
      response.writeHead(409, { "content-type": "Text/X.tlog.size; q=1" }).end("7\n"),
    );
    const asked = await askByFetch(url, "body", never);
    assert.deepEqual(asked, {
      kind: "answer",
      status: 409,
      mediaType: "text/x.tlog.size",
      body: Buffer.from("7\n"),
    });
  });

  it("follows no redirect", async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(302, { location: url }).end();
    });
    const answer = await askByFetch(url, "", never);
    assert.deepEqual([answer.kind === "answer" && answer.status, asked], [302, 1]);
  });

  it("takes no answer without an end", async () => {
    const url = await serve((_, response) => {
      const more = () => {
        if (response.destroyed) return;
        response.write(Buffer.alloc(ANSWER_BYTES_MAX));
        setImmediate(more);
      };
      more();
    });
    assert.equal((await askByFetch(url, "", never)).kind, "too-large");
  });

  it("waits only so long, for the head and for the rest", async () => {
    const silent = await serve(() => undefined);
    const dripping = await serve((_, response) => void response.writeHead(200).write("—"));
    for (const url of [silent, dripping]) assert.equal((await askByFetch(url, "", never, 50)).kind, "slow");
  });

  it("names why there was no answer by its code alone", async () => {
    const url = await serve((request) => void request.socket.destroy());
    const answer = await askByFetch(url, "", never);
    assert.ok(answer.kind === "away");
    assert.match(answer.detail, /^[A-Z_]+$/u);
  });

  it("ends when it is told to", async () => {
    const ending = new AbortController();
    const url = await serve(() => ending.abort());
    assert.equal((await askByFetch(url, "", ending.signal)).kind, "away");
  });
});
