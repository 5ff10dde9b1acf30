import assert from "node:assert/strict";
import { fingerprint, generatePrivateKey } from "../../../src/certificate/index.js";
import { recogniseKey } from "../../../src/proxy/offered-key.js";
import { UserAuthentication, type LoginAnswer } from "../../../src/proxy/user-authentication.js";
import type { SessionProof } from "../../../src/rpc/index.js";
import { WireError, WireReader, WireWriter } from "../../../src/wire/index.js";
import { FakeTransport } from "./fake-transport.js";

const key = generatePrivateKey("ed25519");
const stranger = generatePrivateKey("ed25519");
const known = { userCas: [], registered: new Set([fingerprint(key.public)]) };

const serviceRequest = (name = "ssh-userauth") => new WireWriter().byte(5).string(name).finish();
const attempt = (method: string, user = "alice", service = "ssh-connection") =>
  new WireWriter().byte(50).string(user).string(service).string(method);
const none = (user?: string) => attempt("none", user).finish();
const probe = (by = key, user?: string) =>
  attempt("publickey", user).boolean(false).string("ssh-ed25519").string(by.public.blob).finish();

/** A login with a key: signed over what `session` says is the session's identifier. */
function login({ by = key, user = "alice", session = "session identifier" } = {}): Buffer {
  const body = attempt("publickey", user).boolean(true).string("ssh-ed25519").string(by.public.blob).finish();
  const signed = new WireWriter().string(session).raw(body).finish();
  return new WireWriter().raw(body).string(by.sign(signed)).finish();
}

const failure = new WireWriter().byte(51).string("publickey").boolean(false).finish();
const accepted: LoginAnswer = { kind: "accepted" };

function bench(answers: LoginAnswer[] = [], attemptsMax = 6) {
  const transport = new FakeTransport();
  const logins: { user: string; proof: SessionProof }[] = [];
  const strange: (string | undefined)[] = [];
  const passedOn: Buffer[] = [];
  let decide: () => void = () => undefined;
  let isDeciding = false;
  const authentication = new UserAuthentication(transport.asTransport, {
    attemptsMax,
    recognise: (algorithm, blob) => recogniseKey(algorithm, blob, known),
    login: async (_offered, user, proof) => {
      logins.push({ user, proof });
      isDeciding = true;
      await new Promise<void>((resolve) => (decide = resolve));
      isDeciding = false;
      return answers.shift() ?? accepted;
    },
    onStranger: (reason) => strange.push(reason),
    onKnown: () => strange.push(undefined),
    passOn: (payload) => passedOn.push(payload),
  });
  return {
    transport,
    logins,
    strange,
    passedOn,
    authentication,
    receive: (...payloads: readonly Buffer[]) => {
      for (const payload of payloads) authentication.receive(payload);
    },
    /** Lets control answer, and all that follows from it happen. */
    decided: async () => {
      assert.ok(isDeciding);
      decide();
      for (let turns = 0; turns < 10; turns++) await Promise.resolve();
    },
  };
}

function started(...parameters: Parameters<typeof bench>) {
  const it = bench(...parameters);
  it.receive(serviceRequest());
  it.transport.take();
  return it;
}

const texts = ({ disconnects }: FakeTransport) => disconnects.map(({ text }) => text);

describe("proxy/user-authentication", () => {
  it("grants the one service there is", () => {
    const { transport, receive } = bench();
    receive(serviceRequest());
    assert.deepEqual(transport.take(), [new WireWriter().byte(6).string("ssh-userauth").finish()]);
  });

  const beforeLogin: [name: string, payload: Buffer, text: string][] = [
    ["another-service", serviceRequest("ssh-connection"), "no such service"],
    ["a-login-before-the-service", none(), "unexpected message before login"],
    ["a-channel", Buffer.of(90), "unexpected message before login"],
    ["a-key-exchange's-message", Buffer.of(30), "unexpected message before login"],
  ];
  for (const [name, payload, text] of beforeLogin)
    it(`ends at ${name}`, () => {
      const { transport, receive } = bench();
      receive(payload);
      assert.deepEqual(texts(transport), [text]);
      assert.deepEqual(transport.take(), []);
    });

  it("says that only keys will do, to whoever asks or tries a password", () => {
    const { transport, receive, strange } = started();
    receive(none(), attempt("password").boolean(false).string("hunter2").finish());
    receive(attempt("keyboard-interactive").string("").string("").finish());
    assert.deepEqual(transport.take(), [failure, failure, failure]);
    assert.deepEqual(strange, ["method password", "method keyboard-interactive"]);
  });

  it("takes nobody for a stranger to whom control has said why not; who was told nothing may be one", async () => {
    const { receive, strange, decided } = started([
      { kind: "refused", text: "" },
      { kind: "refused", text: "no grant" },
    ]);
    receive(login());
    await decided();
    assert.deepEqual(strange, []);
    receive(login());
    await decided();
    assert.deepEqual(strange, [undefined]);
  });

  it("tells a stranger's key nothing but no, signed or not", () => {
    const { transport, receive, strange, logins } = started();
    receive(probe(stranger), login({ by: stranger }));
    assert.deepEqual(transport.take(), [failure, failure]);
    assert.deepEqual(strange, ["unknown key", "unknown key"]);
    assert.deepEqual(logins, []);
  });

  it("tells the holder of a known key to sign", () => {
    const { transport, receive } = started();
    receive(probe());
    const answer = new WireWriter().byte(60).string("ssh-ed25519").string(key.public.blob).finish();
    assert.deepEqual(transport.take(), [answer]);
  });

  it("asks about nobody whose signature is not over this connection's own request", () => {
    const forged = Buffer.from(login());
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (const payload of [login({ session: "another connection" }), forged]) {
      const { transport, receive, strange, logins } = started();
      receive(payload);
      assert.deepEqual(transport.take(), [failure]);
      assert.deepEqual([strange, logins], [["signature does not verify"], []]);
    }
  });

  it("hands on what control needs to see for itself, and leaves the success to whom it lets in", async () => {
    const { transport, receive, decided, logins } = started();
    receive(login());
    const [{ user, proof } = { user: "", proof: undefined }] = logins;
    assert.equal(user, "alice");
    assert.equal(proof?.sessionId, Buffer.from("session identifier").toString("base64"));
    assert.equal(proof.key, key.public.blob.toString("base64"));
    assert.equal(new WireReader(Buffer.from(proof.signature, "base64")).text(), "ssh-ed25519");
    await decided();
    assert.deepEqual(transport.take(), []);
  });

  it("shows why a login is refused, once, and lets the client try another key", async () => {
    const refused: LoginAnswer = { kind: "refused", text: "your grant has ended\nask again" };
    const { transport, receive, decided } = started([refused, { ...refused }]);
    receive(login());
    await decided();
    const banner = new WireWriter().byte(53).string("your grant has ended\r\nask again\r\n").string("");
    assert.deepEqual(transport.take(), [banner.finish(), failure]);
    receive(login());
    await decided();
    assert.deepEqual(transport.take(), [failure]);
  });

  it("says why and ends where there is nothing to let the user in to", async () => {
    const { transport, receive, decided } = started([{ kind: "ended", text: "prod-db-1 is away" }]);
    receive(login());
    await decided();
    assert.ok(transport.take()[0]?.includes("prod-db-1 is away\r\n"));
    assert.deepEqual(texts(transport), ["no session"]);
  });

  it("says nothing more to a client that left while it was decided", async () => {
    const { transport, receive, decided } = started([{ kind: "refused", text: "no" }]);
    receive(login());
    transport.destroy();
    await decided();
    assert.deepEqual(transport.sent, []);
  });

  const odd: [name: string, payload: Buffer][] = [
    ["another-user-than-before", none("bob")],
    ["another-service", attempt("none", "alice", "ssh-other").finish()],
    ["a-user-name-that-is-too-long", none("x".repeat(257))],
  ];
  for (const [name, payload] of odd)
    it(`ends at ${name}`, () => {
      const { transport, receive } = started();
      receive(none());
      receive(payload);
      assert.deepEqual(texts(transport), ["user name or service not allowed"]);
    });

  it("ends after so many tries, of whatever kind", async () => {
    const { transport, receive, decided } = started([{ kind: "refused", text: "no" }], 3);
    receive(none(), probe(stranger));
    receive(login());
    await decided();
    assert.deepEqual(texts(transport), []);
    receive(probe(stranger));
    assert.deepEqual(transport.disconnects, [{ reason: 14, text: "too many tries" }]);
    receive(login());
    assert.equal(transport.sent.filter((payload) => payload.equals(failure)).length, 3);
  });

  const whole = login();
  it("throws at a request that is cut anywhere, or goes on after its end", () => {
    for (let length = 1; length < whole.length; length++) {
      const { receive, logins } = started();
      assert.throws(() => receive(whole.subarray(0, length)), WireError, `${length} bytes`);
      assert.deepEqual(logins, []);
    }
    assert.throws(() => started().receive(Buffer.concat([whole, Buffer.of(0)])), WireError);
    assert.throws(() => bench().receive(Buffer.concat([serviceRequest(), Buffer.of(0)])), WireError);
  });
});

describe("proxy/user-authentication, while it is decided", () => {
  it("takes requests one after the other", async () => {
    const { transport, receive, decided, logins } = started([{ kind: "refused", text: "no" }]);
    receive(login(), probe(stranger), login());
    assert.equal(logins.length, 1);
    assert.deepEqual(transport.take(), []);
    await decided();
    assert.deepEqual(transport.take().slice(1), [failure, failure]); // after the banner
    assert.equal(logins.length, 2);
    await decided();
    assert.deepEqual(transport.disconnects, []);
  });

  it("ends when too many wait", () => {
    const { transport, receive } = started();
    receive(login(), ...new Array<Buffer>(4).fill(none()));
    assert.deepEqual(texts(transport), []);
    receive(none());
    assert.deepEqual(texts(transport), ["too many requests at once"]);
  });

  it("ends, and does no more harm, when one that waited is malformed", async () => {
    const { transport, receive, decided } = started([{ kind: "refused", text: "no" }]);
    receive(login(), Buffer.of(50, 0), login());
    await decided();
    assert.deepEqual(texts(transport), ["malformed message"]);
  });

  it("passes on what was sent without waiting for the acceptance, and ignores more logins", async () => {
    const { transport, receive, decided, passedOn, logins } = started();
    const open = Buffer.of(90, 1, 2, 3);
    receive(login(), open, none(), Buffer.of(80));
    await decided();
    assert.deepEqual(passedOn, [open, Buffer.of(80)]);
    assert.equal(logins.length, 1);
    assert.deepEqual(transport.take(), []);
  });

  it("shows each banner once", () => {
    const { transport, authentication } = bench();
    for (const text of ["one", "one", "", "two\r\nlines"]) authentication.banner(text);
    assert.deepEqual(
      transport.take().map((payload) => new WireReader(payload, 1).text()),
      ["one\r\n", "two\r\nlines\r\n"],
    );
  });
});
