import assert from "node:assert/strict";
import { decodeCertificate, generatePrivateKey, issueCertificate } from "../../../src/certificate/index.js";
import { readKeyFile } from "../../../src/control/index.js";
import { decodeHeader } from "../../../src/recording/header.js";
import type { Calls } from "../../../src/rpc/index.js";
import { Bench, MovedClocks, prove } from "./bench.js";

type Answer = Calls["openSession"]["result"];

function refusalOf(answer: Answer): string {
  return answer.ok ? "opened" : answer.reason;
}

/** The header's block as a recording has it; members are in the order that control gave them. */
/** As the proxy will have it, but for the keys. */
function withCommitments(header: string): string {
  const [keyCommitment, apartKeyCommitment] = ["0".repeat(64), "1".repeat(64)];
  return JSON.stringify({ ...(JSON.parse(header) as object), keyCommitment, apartKeyCommitment });
}

describe("control/open-session", () => {
  it("opens a session for a certificate's grant, with all that the proxy needs", async () => {
    const bench = await Bench.open();
    const { grant, blob, serial } = await bench.issue(60_000);
    const proxy = await bench.proxy();
    const opened = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok);
    assert.equal(opened.identity, "alice");
    assert.equal(opened.grant, grant);
    assert.ok(opened.remainingMs > 50_000 && opened.remainingMs <= 61_000);
    assert.deepEqual(opened.channels, ["shell", "exec", "sftp"]);
    assert.match(opened.auditors.join(), /^bascule-auditor:/u);
    assert.deepEqual(opened.apartAuditors, opened.auditors, "where no others are named");
    const header = JSON.parse(opened.recordingHeader) as Record<string, unknown>;
    assert.equal(header["session"], opened.session);
    assert.equal(header["serial"], serial);
    assert.ok(opened.recordingPath.endsWith(`/${opened.session}.bsr`));
    assert.equal(opened.targetLogin.kind, "certificate");
    assert.equal(
      decodeHeader(Buffer.from(withCommitments(opened.recordingHeader))).session,
      opened.session,
      "the proxy could not write this header: it is not in the form of recording-v1",
    );
  });

  it("signs the upstream certificate with the target CA, for one login, for minutes", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    const opened = await proxy.open(prove(bench.alice, blob, "root"));
    assert.ok(opened.ok && opened.targetLogin.kind === "certificate");
    const upstream = decodeCertificate(Buffer.from(opened.targetLogin.certificate, "base64"));
    assert.deepEqual(upstream.principals, ["root"]);
    assert.ok(upstream.signatureKey.blob.equals(readKeyFile(`${bench.home}/keys/target-ca`).public.blob));
    assert.ok(upstream.validBefore - upstream.validAfter <= 360n);
    assert.deepEqual([...upstream.extensions.keys()], ["permit-pty"]);
  });

  it("has the start in the ledger before it answers", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    await proxy.open(prove(bench.alice, blob, "root"));
    assert.equal((await bench.history()).at(-1), "session.started");
  });

  const refused: readonly {
    readonly row: string;
    readonly reason: string;
    readonly about?: Partial<Calls["openSession"]["params"]>;
    readonly user?: string;
    readonly says: RegExp;
  }[] = [
    {
      row: "unknown-target",
      reason: "unknown-target",
      about: { target: "nosuch" },
      says: /alice may ask for: prod/,
    },
    {
      row: "unknown-login",
      reason: "unknown-login",
      about: { login: "eve" },
      user: "eve",
      says: /postgres, root/,
    },
    {
      row: "login-without-grant",
      reason: "no-grant",
      about: { login: "postgres" },
      user: "postgres",
      says: /ssh bastion request prod --as postgres/,
    },
    {
      row: "target-without-grant",
      reason: "no-grant",
      about: { target: "lab" },
      says: /no live grant for lab as root/,
    },
    {
      row: "another-first-hop",
      reason: "jump-mismatch",
      about: { jumpIdentity: "bob" },
      says: /same identity/,
    },
    { row: "signed-for-another-login", reason: "proof-mismatch", user: "postgres", says: /cannot be used/ },
  ];
  for (const { row, reason, about, user = "root", says } of refused) {
    it(`refuses ${row} with a text and a ledger entry`, async () => {
      const bench = await Bench.open();
      const { blob } = await bench.issue();
      const proxy = await bench.proxy();
      const answer = await proxy.open(prove(bench.alice, blob, user), about);
      assert.equal(refusalOf(answer), reason);
      assert.match(answer.ok ? "" : answer.text, says);
      assert.equal((await bench.history()).at(-1), "session.denied");
    });
  }

  it("takes login%target and login+target for the login that they name", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    for (const user of ["root%prod", "root+prod"])
      assert.ok((await proxy.open(prove(bench.alice, blob, user), { jumpIdentity: "" })).ok, user);
    const other = await proxy.open(prove(bench.alice, blob, "root%lab"), { jumpIdentity: "" });
    assert.equal(refusalOf(other), "proof-mismatch");
  });

  it("refuses the same login a second time", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    const proof = prove(bench.alice, blob, "root");
    assert.ok((await proxy.open(proof)).ok);
    assert.equal(refusalOf(await proxy.open(proof)), "proof-reused");
  });

  it("refuses a bare key, and says so only when nothing was said before on that connection", async () => {
    const bench = await Bench.open();
    const proxy = await bench.proxy();
    const proof = prove(bench.alice, bench.alice.public.blob, "root");
    const first = await proxy.open(proof);
    const second = await proxy.open(proof);
    assert.equal(refusalOf(first), "certificate-required");
    assert.match(first.ok ? "" : first.text, /ssh bastion request prod --as root/);
    assert.equal(second.ok ? "" : second.text, "");
  });

  it("tells nothing to someone whose signature does not verify", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const proxy = await bench.proxy();
    const proof = { ...prove(bench.alice, blob, "root"), user: "postgres" };
    const answer = await proxy.open(proof, { login: "postgres" });
    assert.deepEqual(answer, { ok: false, reason: "bad-signature", text: "" });
  });

  it("tells nothing to a certificate of another CA", async () => {
    const bench = await Bench.open();
    const { blob } = forged(bench, generatePrivateKey("ed25519"), ["alice"]);
    const proxy = await bench.proxy();
    const answer = await proxy.open(prove(bench.alice, blob, "root"));
    assert.deepEqual(answer, { ok: false, reason: "untrusted-ca", text: "" });
  });

  for (const { row, principals, reason } of [
    { row: "a serial that the ledger does not know", principals: ["alice"], reason: "unknown-certificate" },
    { row: "two principals", principals: ["alice", "bob"], reason: "wrong-principal" },
    { row: "a principal that is nobody", principals: ["mallory"], reason: "unknown-identity" },
  ]) {
    it(`refuses ${row}, though our own user CA signed it`, async () => {
      const bench = await Bench.open();
      const { blob } = forged(bench, readKeyFile(`${bench.home}/keys/user-ca`), principals);
      const proxy = await bench.proxy();
      const answer = await proxy.open(prove(bench.alice, blob, "root"));
      assert.equal(refusalOf(answer), reason);
    });
  }

  it("refuses after the end with the moment and the command that would help", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const { blob } = await bench.issue(60_000);
    const proxy = await bench.proxy();
    clocks.pass(61_000);
    const answer = await proxy.open(prove(bench.alice, blob, "root"));
    assert.equal(refusalOf(answer), "expired");
    assert.match(
      answer.ok ? "" : answer.text,
      /ended at 2026-11-21 08:01 UTC\. Ask for it: ssh bastion request prod --as root/,
    );
  });

  it("offers another certificate, not another grant, to who holds a grant that this one does not name", async () => {
    const bench = await Bench.open();
    const { blob } = await bench.issue();
    const { grant } = await bench.issue(60_000, "postgres");
    const proxy = await bench.proxy();
    const answer = await proxy.open(prove(bench.alice, blob, "postgres"), { login: "postgres" });
    assert.equal(refusalOf(answer), "no-grant");
    const says = `this certificate names no live grant for prod as postgres. Your grant ${grant} is live; `;
    const helps = "get a certificate that names it: ssh bastion cert > ~/.ssh/id_ed25519-cert.pub";
    assert.equal(answer.ok ? "" : answer.text, `bascule: ${says}${helps}`);
  });

  it("says so at the first hop too, to whose certificate has ended", async () => {
    const clocks = new MovedClocks();
    const bench = await Bench.open({ clocks });
    const { blob } = await bench.issue(60_000);
    clocks.pass(30_000);
    const { grant } = await bench.issue(60_000);
    clocks.pass(31_000);
    const proxy = await bench.proxy();
    const proof = prove(bench.alice, blob, "x");
    const answer = await proxy.call("identify", { proof, clientAddress: "192.0.2.7" });
    assert.equal(answer.ok ? "identified" : answer.reason, "expired");
    assert.match(
      answer.ok ? "" : answer.text,
      new RegExp(`Your grant ${grant} is live; .*ssh bastion cert >`),
    );
  });

  it("refuses a revoked certificate and a revoked grant, each with the reason given", async () => {
    const bench = await Bench.open();
    const { serial, blob } = await bench.issue();
    const other = await bench.issue();
    const proxy = await bench.proxy();
    await bench.control.cuts.revokeCertificate({ serial }, "admin@local", "laptop lost");
    const answer = await proxy.open(prove(bench.alice, blob, "root"));
    assert.equal(refusalOf(answer), "revoked");
    assert.match(answer.ok ? "" : answer.text, /laptop lost/);
    await bench.control.cuts.revokeGrant(other.grant as never, "admin@local", "left the team");
    assert.equal(refusalOf(await proxy.open(prove(bench.alice, other.blob, "root"))), "grant-revoked");
  });
});

/** A certificate that `issueGrant` never made. */
function forged(
  bench: Bench,
  ca: ReturnType<typeof generatePrivateKey>,
  principals: readonly string[],
): { blob: Buffer } {
  const now = BigInt(Math.floor(Date.now() / 1000));
  const validity = { validAfter: now - 60n, validBefore: now + 600n };
  const fields = {
    key: bench.alice.public,
    kind: "user",
    serial: 4711n,
    keyId: "forged",
    principals,
  } as const;
  return { blob: issueCertificate({ ...fields, ...validity, nonce: Buffer.alloc(32, 1) }, ca) };
}
