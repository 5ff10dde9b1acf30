import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { message } from "../../src/ssh2/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { ledgerEvents } from "../harness/ledger-now.js";
import { askForLogin, connectRaw, keyLogin } from "../harness/raw-client.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { makeKey, signCertificate, type CertificateRequest, type KeyFiles } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh } from "../harness/tools.js";
import { until } from "../harness/until.js";

/** Who comes, with what, wanting what. */
interface Attempt {
  /** A private key; ssh takes the certificate beside it. */
  readonly key: KeyFiles;
  /** The key on the second hop, where it is another. */
  readonly inner?: KeyFiles;
  readonly login?: string;
  readonly target?: string;
  /** User name on the first hop. */
  readonly user?: string;
  readonly options?: readonly string[];
}

interface Expectation {
  /** What the screen must say; a stranger's must say nothing but that it was denied. */
  readonly screen: RegExp | "stranger";
  /** Codes in the ledger for this attempt, at least one of which is meant. */
  readonly reason: string | undefined;
}

describe("e2e/denial", () => {
  let bastion: Bastion;
  let userCa: KeyFiles;
  let attempts = 0;

  before(async function () {
    bastion = await startBastion({ targets: targetLine("spare") });
    await bastion.issue();
    const path = join(bastion.home, "keys/user-ca");
    userCa = { path, certificatePath: `${path}-cert.pub`, privateKey: "", publicLine: "" };
  });

  /** A target that alice is never given. */
  function targetLine(name: string): string {
    const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHnZXc4gwka44tFSFRBG6Gz5JW40Orc5qBeJAO+o8Kz9";
    return `  ${name}: { address: "127.0.0.1:9", hostKeys: ["${hostKey}"], labels: { env: prod }, logins: [root] }`;
  }

  /** A certificate made with the real CA key, around the bastion. */
  async function forged(
    request: Omit<CertificateRequest, "ca" | "key"> & { ca?: KeyFiles },
  ): Promise<KeyFiles> {
    const key = await makeKey("forged");
    await signCertificate({ ca: userCa, key, ...request });
    return key;
  }

  /** A certificate that the bastion issued, for a key of its own. */
  async function issued(): Promise<{ key: KeyFiles; grant: string; serial: string; fingerprint: string }> {
    const key = await makeKey("issued");
    const asked = ["cert", "issue", "--identity", "alice", "--target", "prod", "--login", bastion.login];
    const more = ["--for", "30m", "--reason", "a test", "--key", `${key.path}.pub`];
    const { grant, certificate, ...rest } = (await bastion.json([...asked, ...more])) as {
      grant: { id: string };
      certificate: string;
      serial: string;
      fingerprint: string;
    };
    writeFileSync(key.certificatePath, `${certificate}\n`);
    return { key, grant: grant.id, ...rest };
  }

  /** Each attempt comes from an address of its own, so that each stranger is worth a ledger entry. */
  async function attempt(wish: Attempt): Promise<ProgramResult & { address: string }> {
    const { key, inner = key, login = bastion.login, target = "prod", user = "alice", options = [] } = wish;
    attempts += 1;
    const address = `127.0.1.${attempts}`;
    const config = join(temporaryFolder(), "config");
    const common = `UserKnownHostsFile ${join(bastion.home, "known_hosts")}
      GlobalKnownHostsFile none
      StrictHostKeyChecking yes
      BatchMode yes
      IdentitiesOnly yes`;
    writeFileSync(
      config,
      `Host bastion
        HostName 127.0.0.1
        Port ${bastion.port}
        HostKeyAlias bastion
        User ${user}
        BindAddress ${address}
        IdentityFile ${key.path}
        ${common}
      Host *
        IdentityFile ${inner.path}
        ${common}\n`,
    );
    const args = ["-F", config, "-J", "bastion", ...options, "-l", login, target, "echo reached"];
    return { ...(await runProgram(openssh("9.2").ssh, args)), address };
  }

  async function denied(wish: Attempt, { screen, reason }: Expectation): Promise<void> {
    const { status, stdout, stderr, address } = await attempt(wish);
    assert.equal(status, 255, stderr);
    assert.equal(stdout.toString(), "");
    assert.doesNotMatch(stderr, /\x1b/u);
    if (screen === "stranger") assert.match(stderr, onlyDenied);
    else assert.match(stderr, screen);
    if (reason !== undefined) await inLedger(address, reason);
  }

  /** What a proxy turned away of its own is told to control when the connection has ended: a moment later. */
  async function inLedger(address: string, reason: string): Promise<void> {
    await until(`the ledger says ${reason} of ${address}`, async () => {
      const denials = await ledgerEvents(bastion.home, "session.denied");
      return denials.some((event) => event.clientAddress === address && event.reason === reason);
    });
  }

  it("keeps a password that was typed as a login out of the ledger, and shows it to who may see", async () => {
    const password = "correct-horse";
    const { status } = await attempt({ key: bastion.alice, login: password });
    assert.equal(status, 255);
    const { stdout } = await bastion.bascule(["denials"]);
    assert.match(stdout.toString(), /alice +authorise: \S+ +"correct-horse" on "prod"/u);
    const found = await runProgram("grep", ["-r", "-l", "-F", password, bastion.home]);
    assert.equal(found.stdout.toString(), `${join(bastion.home, "salts")}\n`);
  });

  it("lets in who may come", async () => {
    const { stdout, stderr, status } = await attempt({ key: bastion.alice });
    assert.equal(stdout.toString(), "reached\n");
    assert.equal(status, 0);
    // the bare key, which ssh offers before the certificate, is passed over in silence
    assert.match(stderr, /^bascule: prod as \S+ until .* is recorded\r?\n$/u);
  });

  describe("what is asked for", () => {
    it("an unknown target", () =>
      denied(
        { key: bastion.alice, target: "nowhere" },
        { screen: /there is no target "nowhere".*prod/u, reason: "unknown-target" },
      ));

    it("a target without a grant", () =>
      denied(
        { key: bastion.alice, target: "spare" },
        {
          screen: /no live grant for spare.*ssh bastion request spare --as/u,
          reason: "no-grant",
        },
      ));

    it("an unknown login", () =>
      denied(
        { key: bastion.alice, login: "nobody" },
        { screen: /"prod" has no login "nobody"/u, reason: "unknown-login" },
      ));

    it("a login that the grant does not give", () =>
      denied(
        { key: bastion.alice, login: "postgres" },
        {
          screen: /no live grant for prod as postgres\. .*ssh bastion request prod --as postgres/u,
          reason: "no-grant",
        },
      ));

    it("a login that is no name, without repeating its control characters", async () => {
      const client = await connectRaw(bastion.port);
      await askForLogin(client);
      client.send(keyLogin(client, "\x1b[31mroot%prod", bastion.alice, bastion.alice.certificatePath));
      const banner = (await client.waitFor(message.userauthBanner)).toString();
      assert.match(banner, /"prod" has no login/u);
      assert.doesNotMatch(banner, /\x1b/u);
    });

    it("another port of a target", () =>
      denied(
        { key: bastion.alice, options: ["-p", "2222"] },
        { screen: /reached on port 22 of its name/u, reason: "wrong-port" },
      ));
  });

  describe("certificates of ours that are no good", () => {
    const cases: readonly [name: string, request: Omit<CertificateRequest, "ca" | "key">, Expectation][] = [
      [
        "expired",
        { principals: ["alice"], validity: "-2h:-1h" },
        {
          screen: /certificate of alice ended at \d{4}-.*ssh bastion request /u,
          reason: "expired",
        },
      ],
      [
        "not yet valid",
        { principals: ["alice"], validity: "+1h:+2h" },
        { screen: /certificate of alice is not valid yet; it begins at \d{4}-/u, reason: "not-yet-valid" },
      ],
      [
        "of nobody we know",
        { principals: ["mallory"] },
        { screen: /known here/u, reason: "unknown-identity" },
      ],
      ["without a principal", { principals: [] }, { screen: /exactly one person/u, reason: "no-principals" }],
      [
        "with two principals",
        { principals: ["alice", "bob"] },
        { screen: /exactly one person/u, reason: "wrong-principal" },
      ],
      [
        "with a serial that the ledger does not know",
        { principals: ["alice"], serial: 4711n },
        { screen: /not in the bastion's books/u, reason: "unknown-certificate" },
      ],
      [
        "for other addresses",
        { principals: ["alice"], options: ["source-address=10.0.0.0/8"] },
        { screen: /not be reached from your address/u, reason: "source-address" },
      ],
      [
        "with a forced command",
        { principals: ["alice"], options: ["force-command=/bin/true"] },
        { screen: /force a command/u, reason: "forced-command" },
      ],
      [
        "with an unknown critical option",
        { principals: ["alice"], options: ["critical:colour@example.com=red"] },
        { screen: /restriction that the bastion does not know/u, reason: "unknown-critical-option" },
      ],
    ];
    for (const [name, request, expected] of cases)
      it(name, async () => denied({ key: await forged(request) }, expected));

    it("of alice's serial, but with another key", async () => {
      const { serial } = await issued();
      const key = await forged({ principals: ["alice"], serial: BigInt(serial) });
      await denied({ key }, { screen: /not in the bastion's books/u, reason: "unknown-certificate" });
    });

    it("of alice's serial, but with another name", async () => {
      const { key, serial } = await issued();
      await signCertificate({ ca: userCa, key, principals: ["bob"], serial: BigInt(serial) });
      await denied({ key }, { screen: /exactly one person/u, reason: "wrong-principal" });
    });

    it("of a revoked serial", async () => {
      const { key, serial } = await issued();
      assert.equal((await bastion.bascule(["revoke", "--serial", serial, "--reason", "lost"])).status, 0);
      await denied({ key }, { screen: /was revoked at .*\(lost\)/u, reason: "revoked" });
    });

    it("of a revoked key", async () => {
      const { key, fingerprint } = await issued();
      assert.equal((await bastion.bascule(["revoke", "--key", fingerprint, "--reason", "stolen"])).status, 0);
      await denied({ key }, { screen: /was revoked at .*\(stolen\)/u, reason: "revoked" });
    });

    it("of a revoked grant", async () => {
      const { key, grant } = await issued();
      assert.equal((await bastion.bascule(["revoke", grant, "--reason", "not needed"])).status, 0);
      await denied(
        { key },
        { screen: /grant of alice for prod.* was revoked at .*\(not needed\)/u, reason: "grant-revoked" },
      );
    });
  });

  describe("strangers", () => {
    it("a certificate of another CA", async () => {
      const key = await forged({ ca: await makeKey("ca"), principals: ["alice"] });
      await denied({ key }, { screen: "stranger", reason: "unknown-key" });
    });

    it("a host certificate", async () => {
      const key = await forged({ principals: ["alice"], host: true });
      await denied({ key }, { screen: "stranger", reason: "unknown-key" });
    });

    it("a certificate that is its own CA's", async () => {
      const key = await makeKey("self");
      await signCertificate({ ca: key, key, principals: ["alice"] });
      await denied({ key }, { screen: "stranger", reason: "unknown-key" });
    });

    it("a key that nobody registered", async () => {
      await denied({ key: await makeKey("unknown") }, { screen: "stranger", reason: "unknown-key" });
    });

    it("passwords and the like", async () => {
      const options = [
        "-o",
        "PreferredAuthentications=none,password,keyboard-interactive,hostbased,gssapi-with-mic",
      ];
      await denied({ key: await makeKey("unknown"), options }, { screen: "stranger", reason: undefined });
    });

    it("alice's certificate, signed for by another key", async () => {
      const client = await connectRaw(bastion.port);
      await askForLogin(client);
      client.send(keyLogin(client, "alice", bastion.bob, bastion.alice.certificatePath));
      await client.waitFor(message.userauthFailure);
      assert.ok(client.received.every(([number]) => number !== message.userauthBanner));
    });

    it("a login that was signed for another connection", async () => {
      const [first, second] = [await connectRaw(bastion.port), await connectRaw(bastion.port)];
      await askForLogin(second);
      second.send(keyLogin(first, "alice", bastion.alice, bastion.alice.certificatePath));
      await second.waitFor(message.userauthFailure);
      assert.ok(second.received.every(([number]) => number !== message.userauthBanner));
    });
  });

  describe("who is who", () => {
    it("alice on the first hop, bob on the second", async () => {
      await denied(
        { key: bastion.alice, inner: bastion.bob },
        {
          screen: /both hops of a jump must be the same identity|certificate, not by a key/u,
          reason: "jump-mismatch",
        },
      );
    });

    it("an engineer's certificate is worth nothing at the target itself", async () => {
      const known = join(temporaryFolder(), "known");
      writeFileSync(known, `[127.0.0.1]:${bastion.sshd.port} ${bastion.sshd.hostKeyLine}\n`);
      const options = [
        "-F",
        "none",
        "-o",
        "BatchMode=yes",
        "-o",
        `UserKnownHostsFile=${known}`,
        "-i",
        bastion.alice.path,
      ];
      const where = ["-p", `${bastion.sshd.port}`, `${bastion.login}@127.0.0.1`, "echo reached"];
      const { status, stdout, stderr } = await runProgram(openssh("9.2").ssh, [...options, ...where]);
      assert.equal(status, 255);
      assert.equal(stdout.toString(), "");
      assert.match(stderr, /Permission denied/u);
    });

    it("a registered key alone opens no session", async () => {
      const key = await makeKey("copy");
      writeFileSync(key.path, bastion.alice.privateKey, { mode: 0o600 });
      writeFileSync(`${key.path}.pub`, `${bastion.alice.publicLine}\n`);
      await denied({ key }, { screen: "stranger", reason: undefined }); // the certificate might have followed
      const denials = await ledgerEvents(bastion.home, "session.denied");
      assert.deepEqual(
        denials.filter(({ reason }) => reason === "certificate-required"),
        [],
      );

      const certificates = await ledgerEvents(bastion.home, "certificate.issued");
      const { serial } = certificates[0] ?? assert.fail("alice has no certificate");
      assert.equal((await bastion.bascule(["revoke", "--serial", serial, "--reason", "lost"])).status, 0);
      await issued(); // a live grant, but its certificate is another key's
      await denied(
        { key },
        { screen: /opened by a certificate, not by a key alone/u, reason: "certificate-required" },
      );
    });
  });
});

/** Everything that ssh says by itself when a first hop turns it away. */
const onlyDenied =
  /^(\S+: Permission denied \(publickey\)\.\r?\n|Connection closed by UNKNOWN port 65535\r?\n|kex_exchange_identification: .*\r?\n)+$/u;
