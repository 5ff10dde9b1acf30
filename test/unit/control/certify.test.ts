import assert from "node:assert/strict";
import type { GrantId } from "../../../src/access/index.js";
import {
  decodeTextOption,
  encodePublicKeyLine,
  fingerprint,
  generatePrivateKey,
  parseCertificateLine,
  parsePublicKeyLine,
  verifyCertificate,
} from "../../../src/certificate/index.js";
import type { CertificateAsk, Certified } from "../../../src/control/index.js";
import { prove } from "./bench.js";
import { MINUTE, reasonOf, RequestBench } from "./request-bench.js";

async function certified(bench: RequestBench, ask: Partial<CertificateAsk> = {}): Promise<Certified> {
  const answer = await bench.control.grants.certify({ identity: "alice", by: "alice", ...ask });
  assert.ok(answer.ok, answer.ok ? "" : answer.reason);
  return answer;
}

describe("control/certify", () => {
  it("names every live grant, newest first, until the last of them ends", async () => {
    const bench = await RequestBench.open();
    const { grant: over } = await bench.ask("oncall", { durationMs: MINUTE });
    bench.clocks.pass(2 * MINUTE);
    const first = await bench.granted({ durationMs: 60 * MINUTE });
    const second = await bench.granted({ logins: ["postgres"] });
    const revoked = await bench.granted();
    await bench.control.cuts.revokeGrant(revoked.id, "admin@local", "x");
    const { certificate: line, grants, serial, validBeforeMs } = await certified(bench);
    assert.deepEqual(grants, [second.id, first.id]);
    assert.ok(!grants.includes(over?.id as GrantId));
    assert.equal(validBeforeMs, first.untilMs);
    const { certificate } = parseCertificateLine(line);
    assert.deepEqual(certificate.principals, ["alice"]);
    assert.equal(certificate.keyId, `alice/${second.id},${first.id}`);
    assert.equal(certificate.serial.toString(), serial);
    assert.equal(Number(certificate.validAfter) * 1000, bench.clocks.wall - MINUTE);
    assert.equal(Number(certificate.validBefore) * 1000, first.untilMs);
    assert.deepEqual(bench.control.state.certificates.get(serial)?.grants, grants);
    const trusted = [parsePublicKeyLine(bench.control.authorities.userCa).key];
    const nowMs = bench.clocks.wall;
    assert.ok(verifyCertificate(certificate, { kind: "user", trusted, nowMs, isRevoked: () => false }).ok);
  });

  it("opens a session for each of them", async () => {
    const bench = await RequestBench.open();
    await bench.granted();
    await bench.granted({ logins: ["postgres"] });
    const { certificate } = await certified(bench);
    const { blob } = parseCertificateLine(certificate).certificate;
    const proxy = await bench.bench.proxy();
    for (const login of ["root", "postgres"])
      assert.ok((await proxy.open(prove(bench.bench.alice, blob, login), { login })).ok, login);
  });

  it("names a grant that begins within a quarter of an hour, and none that begins later", async () => {
    const bench = await RequestBench.open();
    const soon = await bench.granted({ fromMs: bench.clocks.wall + 15 * MINUTE });
    await bench.granted({ fromMs: bench.clocks.wall + 15 * MINUTE + 1000, logins: ["postgres"] });
    assert.deepEqual((await certified(bench)).grants, [soon.id]);
  });

  it("names sixteen grants at most, the newest", async () => {
    const bench = await RequestBench.open();
    const all: GrantId[] = [];
    for (let count = 0; count < 17; count += 1) all.unshift((await bench.ask("oncall")).grant?.id as GrantId);
    assert.deepEqual((await certified(bench)).grants, all.slice(0, 16));
  });

  it("may be used from where any of its grants may, and from anywhere if one says nothing", async () => {
    const bench = await RequestBench.open();
    const from = (networks: string) =>
      bench.changePolicy("channels: [shell]", `channels: [shell]\n    sourceAddresses: ${networks}`);
    await from('["10.0.0.0/8"]');
    await bench.granted();
    await from('["192.0.2.0/24", "10.0.0.0/8"]');
    await bench.granted({ logins: ["postgres"] });
    const bound = parseCertificateLine((await certified(bench)).certificate).certificate;
    const sources = bound.criticalOptions.get("source-address");
    assert.deepEqual(sources && decodeTextOption(sources).split(",").sort(), ["10.0.0.0/8", "192.0.2.0/24"]);
    await bench.ask("oncall");
    const free = parseCertificateLine((await certified(bench)).certificate).certificate;
    assert.equal(free.criticalOptions.size, 0);
  });

  describe("for which key", () => {
    const other = generatePrivateKey("ed25519");
    const line = encodePublicKeyLine(other.public);
    const ways: readonly {
      readonly row: string;
      readonly ask: (bench: RequestBench) => Partial<CertificateAsk>;
      readonly isOf: (bench: RequestBench) => { readonly public: Parameters<typeof fingerprint>[0] };
    }[] = [
      { row: "the-only-registered", ask: () => ({}), isOf: ({ bench }) => bench.alice },
      { row: "one-that-is-given", ask: () => ({ key: line }), isOf: () => other },
      {
        row: "that-of-the-login",
        ask: () => ({ proof: prove(other, other.public.blob, "x") }),
        isOf: () => other,
      },
    ];
    for (const { row, ask, isOf } of ways) {
      it(row, async () => {
        const bench = await RequestBench.open();
        await bench.ask("oncall");
        const { fingerprint: print, certificate } = await certified(bench, ask(bench));
        const { key } = parseCertificateLine(certificate).certificate;
        assert.deepEqual([print, fingerprint(key)], Array(2).fill(fingerprint(isOf(bench).public)));
      });
    }

    it("that of the certificate by which they logged in", async () => {
      const bench = await RequestBench.open();
      await bench.ask("oncall");
      const first = parseCertificateLine((await certified(bench, { key: line })).certificate).certificate;
      const again = await certified(bench, { proof: prove(other, first.blob, "x") });
      assert.equal(again.fingerprint, fingerprint(other.public));
    });

    it("one of several registered only when it is said which", async () => {
      const bench = await RequestBench.open();
      await bench.ask("oncall", { identity: "zoe" });
      const ask = { identity: "zoe", by: "zoe" };
      assert.equal(reasonOf(await bench.control.grants.certify(ask)), "several-keys");
      const print = fingerprint(bench.bench.keyOf("zoe2").public);
      assert.equal((await certified(bench, { ...ask, fingerprint: print })).fingerprint, print);
    });
  });

  const refused: readonly {
    readonly row: string;
    readonly ask?: Partial<CertificateAsk>;
    readonly before?: (bench: RequestBench) => Promise<unknown>;
  }[] = [
    { row: "unknown-identity", ask: { identity: "mallory" } },
    { row: "malformed-key", ask: { key: "ssh-ed25519 AAAA" } },
    { row: "no-key", ask: { fingerprint: `SHA256:${"A".repeat(43)}` } },
    {
      row: "locked",
      before: (bench) => bench.control.cuts.lock({ kind: "identity", name: "alice" }, "admin@local", "left"),
    },
    {
      row: "key-revoked",
      before: ({ control, bench }) =>
        control.cuts.revokeCertificate(
          { fingerprint: fingerprint(bench.alice.public) },
          "admin@local",
          "lost",
        ),
    },
    {
      row: "no-live-grant",
      before: ({ clocks }) => {
        clocks.pass(60 * MINUTE);
        return Promise.resolve();
      },
    },
  ];
  for (const { row, ask = {}, before } of refused) {
    it(`refuses ${row}`, async () => {
      const bench = await RequestBench.open();
      await bench.ask("oncall");
      await before?.(bench);
      const events = await bench.events();
      assert.equal(
        reasonOf(await bench.control.grants.certify({ identity: "alice", by: "alice", ...ask })),
        row,
      );
      assert.deepEqual(await bench.events(), events);
    });
  }
});
