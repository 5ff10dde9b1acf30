import assert from "node:assert/strict";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCAL_ADMIN } from "../../../src/access/index.js";
import { fingerprint, generatePrivateKey, encodePublicKeyLine } from "../../../src/certificate/index.js";
import type { TokenAsk, TokenDenial } from "../../../src/control/index.js";
import { LIVE_TOKENS_MAX } from "../../../src/control/logins/token-desk.js";
import { Bench, MovedClocks } from "./bench.js";

const HOUR_MS = 3_600_000;

describe("control/token-desk", () => {
  let clocks: MovedClocks;
  let bench: Bench;
  let alices: string;

  before(async () => {
    clocks = new MovedClocks();
    const robot = `  robot: { groups: [engineers], oidc: [{ issuer: "https://issuer.example", audience: bascule, claims: { sub: x } }] }\n`;
    bench = await Bench.open({
      clocks,
      more: { identities: robot, top: "tokens: { life: 10m }\nadmins: [platform]\n" },
    });
    alices = fingerprint(bench.alice.public);
  });

  const issue = async (ask: Partial<TokenAsk> = {}): Promise<string> => {
    const issued = await bench.control.tokens.issue({ identity: "alice", fingerprint: alices, ...ask });
    assert.ok(issued.ok, JSON.stringify(issued));
    return issued.bearer;
  };
  const verdict = async (bearer: string): Promise<"good" | TokenDenial> => {
    const verified = await bench.control.tokens.verify(bearer);
    return verified.ok ? "good" : verified.reason;
  };
  const change = async (edit: (text: string) => string): Promise<void> => {
    const path = join(bench.home, "bascule.yaml");
    writeFileSync(path, edit(readFileSync(path, "utf8")));
    await bench.control.useConfig(await bench.config());
  };

  it("gives a token for the configured life, in the ledger before anybody has it", async () => {
    const issued = await bench.control.tokens.issue({
      identity: "alice",
      fingerprint: alices,
      commands: ["cert"],
    });
    assert.ok(issued.ok);
    assert.equal(issued.untilMs, clocks.wall + 600_000);
    const { token, untilMs } = issued;
    assert.deepEqual(bench.control.state.tokens.get(token), {
      ...{ token, identity: "alice", purpose: "http", commands: ["cert"] },
      ...{ fingerprint: alices, issuedAtMs: clocks.wall, untilMs },
    });
    assert.deepEqual(await bench.control.tokens.verify(issued.bearer), {
      ...{ ok: true, identity: "alice", isAdmin: false, isAuditor: false },
      ...{ fingerprint: alices, commands: ["cert"], untilMs },
    });
  });

  const denials: readonly (readonly [string, Partial<TokenAsk>, TokenDenial])[] = [
    ["an-unknown-identity", { identity: "nobody" }, "unknown-identity"],
    ["the-local-admin", { identity: LOCAL_ADMIN }, "unknown-identity"],
    ["somebody-else's-key", { identity: "bob" }, "key-gone"],
    ["a-key-for-a-robot", { identity: "robot" }, "key-gone"],
    ["over-an-hour", { lifeMs: HOUR_MS + 1 }, "too-long"],
    ["no-time", { lifeMs: 0 }, "too-long"],
  ];
  for (const [name, ask, reason] of denials)
    it(`refuses a token for ${name}`, async () => {
      const issued = await bench.control.tokens.issue({ identity: "alice", fingerprint: alices, ...ask });
      assert.equal(issued.ok ? "issued" : issued.reason, reason);
    });

  it("ends a token with its time, its identity's lock, and its key's revocation", async () => {
    const short = await issue({ lifeMs: 1000 });
    const bearer = await issue({ lifeMs: HOUR_MS });
    clocks.pass(1000);
    assert.equal(await verdict(short), "expired");
    await bench.control.cuts.lock({ kind: "identity", name: "alice" }, LOCAL_ADMIN, "a test");
    assert.equal(await verdict(bearer), "locked");
    await bench.control.cuts.unlock({ kind: "identity", name: "alice" }, LOCAL_ADMIN, "a test");
    assert.equal(await verdict(bearer), "good");
    const bobs = fingerprint(bench.bob.public);
    const bob = await issue({ identity: "bob", fingerprint: bobs });
    await bench.control.cuts.revokeCertificate({ fingerprint: bobs }, LOCAL_ADMIN, "a test");
    assert.equal(await verdict(bob), "key-revoked");
  });

  it("ends the token of a certificate's key with the certificate, and with a lock of its serial", async () => {
    const key = generatePrivateKey("ed25519");
    const certified = async () => {
      const ask = { identity: "alice", targets: ["prod"], logins: ["root"], durationMs: 60_000 };
      const line = encodePublicKeyLine(key.public);
      const issued = await bench.control.grants.issue({ ...ask, key: line, reason: "x", by: LOCAL_ADMIN });
      assert.ok(issued.ok);
      return issued.serial;
    };
    const serial = await certified();
    const bearer = await issue({ fingerprint: fingerprint(key.public) });
    await bench.control.cuts.lock({ kind: "serial", name: serial }, LOCAL_ADMIN, "a test");
    assert.equal(await verdict(bearer), "key-gone");
    await bench.control.cuts.unlock({ kind: "serial", name: serial }, LOCAL_ADMIN, "a test");
    await bench.control.cuts.revokeCertificate({ serial }, LOCAL_ADMIN, "a test");
    assert.equal(await verdict(bearer), "key-gone");
    await certified();
    assert.equal(await verdict(bearer), "good");
    clocks.pass(60_000);
    assert.equal(await verdict(bearer), "key-gone");
  });

  it("follows the policy: groups, a key that is gone, workloads that are gone, an identity that is gone", async () => {
    const bearer = await issue();
    const robots = await bench.control.tokens.issue({ identity: "robot" });
    assert.ok(robots.ok);
    await change((text) => text.replace("alice: { groups: [engineers]", "alice: { groups: [platform]"));
    const verified = await bench.control.tokens.verify(bearer);
    assert.ok(verified.ok && verified.isAdmin);
    const other = encodePublicKeyLine(generatePrivateKey("ed25519").public);
    await change((text) => text.replace(encodePublicKeyLine(bench.alice.public), other));
    assert.equal(await verdict(bearer), "key-gone");
    assert.equal(await verdict(robots.bearer), "good");
    await change((text) =>
      text.replace(/, oidc: .*]/, `, keys: ["${encodePublicKeyLine(generatePrivateKey("ed25519").public)}"]`),
    );
    assert.equal(await verdict(robots.bearer), "key-gone");
    await change((text) => text.replace("  alice:", "  alicia:"));
    assert.equal(await verdict(bearer), "unknown-identity");
  });
});

describe("control/token-desk, over its life", () => {
  it("lets one identity have so many tokens at a time, and counts them after a start as before", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const ask = { identity: "alice", fingerprint: fingerprint(bench.alice.public), lifeMs: 60_000 };
    const all = await Promise.all(
      Array.from({ length: LIVE_TOKENS_MAX }, () => bench.control.tokens.issue(ask)),
    );
    await bench.control.close();
    await bench.start();
    const more = await bench.control.tokens.issue(ask);
    assert.equal(more.ok ? "issued" : more.reason, "too-many");
    const [first] = all;
    assert.ok(first?.ok && (await bench.control.tokens.verify(first.bearer)).ok, "a restart ends no token");
    clocks.pass(60_000);
    assert.ok((await bench.control.tokens.issue(ask)).ok);
  });

  it("makes its key in a home that has none, and refuses one that others can read or that is none", async () => {
    const bench = await Bench.open();
    const path = join(bench.home, "keys/tokens.jwk");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const ask = { identity: "alice", fingerprint: fingerprint(bench.alice.public) };
    const issued = await bench.control.tokens.issue(ask);
    await bench.control.close();
    const refusesWith = (code: string) => assert.rejects(bench.start(), { code });
    rmSync(path);
    writeFileSync(path, "{}", { mode: 0o644 });
    await refusesWith("key-open");
    rmSync(path);
    writeFileSync(path, "{}", { mode: 0o600 });
    await refusesWith("key-invalid");
    rmSync(path);
    await bench.start();
    const verified = await bench.control.tokens.verify(issued.ok ? issued.bearer : "");
    assert.equal(verified.ok ? "good" : verified.reason, "wrong-signature");
  });
});
