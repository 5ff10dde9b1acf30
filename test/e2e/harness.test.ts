import assert from "node:assert/strict";
import { createConnection } from "node:net";
import { text } from "node:stream/consumers";
import { startOpensshReference } from "../../bench/openssh-reference.js";
import { AccessError } from "../../src/access/index.js";
import { openLedger } from "../../src/ledger/index.js";
import { byteByByte } from "../harness/byte-by-byte.js";
import { checkLedger } from "../harness/check-ledger.js";
import { ledgerPlace } from "../harness/ledger-place.js";
import { fakeClock } from "../harness/fake-clock.js";
import { startLyingTarget } from "../harness/lying-target.js";
import { startedByThisRun } from "../harness/processes.js";
import { runProgram, runSsh } from "../harness/run-program.js";
import { makeKey, signCertificate } from "../harness/ssh-keys.js";
import { startSshd, type RunningSshd } from "../harness/sshd.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal } from "../harness/terminal.js";
import { openssh, requireTool, type OpensshVersion } from "../harness/tools.js";

const versions: readonly OpensshVersion[] = ["9.2", "10.0"];

/** Arguments for going to `sshd` directly, its host key known. */
function to(sshd: RunningSshd, key: string, login = sshd.login): string[] {
  const known = `KnownHostsCommand=/bin/echo [127.0.0.1]:${sshd.port} ${sshd.hostKeyLine}`;
  const options = [known, "UserKnownHostsFile=none", "IdentitiesOnly=yes", "StrictHostKeyChecking=yes"];
  return [
    ...options.flatMap((option) => ["-o", option]),
    "-i",
    key,
    "-p",
    String(sshd.port),
    `${login}@127.0.0.1`,
  ];
}

describe("harness/openssh", () => {
  for (const version of versions) {
    it(`unpacks OpenSSH ${version}`, async () => {
      const { stderr } = await runProgram(openssh(version).ssh, ["-V"]);
      assert.match(stderr, new RegExp(`^OpenSSH_${version.replace(".", "\\.")}`));
    });

    for (const server of versions) {
      it(`lets ssh ${version} into sshd ${server} with a key`, async () => {
        const key = await makeKey("id");
        const sshd = await startSshd({
          version: server,
          authorizedKeys: [key.publicLine],
          logins: ["postgres"],
        });
        const command = "cat; echo $USER >&2; exit 7";
        const result = await runSsh(version, [...to(sshd, key.path, "postgres"), command], { input: "in" });
        assert.deepEqual(
          { ...result, stdout: result.stdout.toString() },
          {
            status: 7,
            signal: null,
            stdout: "in",
            stderr: "postgres\n",
          },
        );
      });
    }

    it(`lets ssh ${version} in with a certificate of a trusted CA, for its principal only`, async () => {
      const [ca, key] = [await makeKey("ca"), await makeKey("id")];
      const trust = { trustedUserCas: [ca.publicLine], logins: ["postgres", "ubuntu"] };
      const sshd = await startSshd({ version, ...trust });
      await signCertificate({ ca, key, principals: ["postgres"] });
      const inside = await runSsh(version, [...to(sshd, key.path, "postgres"), "true"]);
      assert.equal(inside.status, 0, inside.stderr);
      const outside = await runSsh(version, [...to(sshd, key.path, "ubuntu"), "true"]);
      assert.equal(outside.status, 255);
      assert.match(outside.stderr, /Permission denied \(publickey\)/);
    });

    it(`signs with the dummy hardware key of ${version}`, async () => {
      const tools = openssh(version);
      const key = await makeKey("id");
      const args = ["-q", "-t", "ed25519-sk", "-w", tools.skDummy, "-N", "", "-f", `${key.path}-sk`];
      assert.equal((await runProgram(tools.sshKeygen, args)).status, 0);
      const { stdout } = await runProgram("/bin/cat", [`${key.path}-sk.pub`]);
      const sshd = await startSshd({ version, authorizedKeys: [stdout.toString().trim()] });
      const result = await runSsh(version, [
        "-o",
        `SecurityKeyProvider=${tools.skDummy}`,
        ...to(sshd, `${key.path}-sk`),
        "true",
      ]);
      assert.equal(result.status, 0, result.stderr);
    });
  }

  it("shows a host certificate", async () => {
    const [ca, hostKey, key] = [await makeKey("ca"), await makeKey("host"), await makeKey("id")];
    await signCertificate({ ca, key: hostKey, principals: ["prod-db-1"], host: true });
    const trust = { hostKey, withHostCertificate: true, authorizedKeys: [key.publicLine] };
    const sshd = await startSshd({ version: "10.0", ...trust });
    const authority = `KnownHostsCommand=/bin/echo @cert-authority prod-db-1 ${ca.publicLine}`;
    const alias = ["-o", "HostKeyAlias=prod-db-1"];
    const result = await runSsh("10.0", ["-o", authority, ...alias, ...to(sshd, key.path), "true"]);
    assert.equal(result.status, 0, result.stderr);
  });
});

describe("harness/terminal", () => {
  it("types, waits, resizes and reads the screen over a real ssh", async () => {
    const key = await makeKey("id");
    const sshd = await startSshd({ version: "10.0", authorizedKeys: [key.publicLine] });
    const terminal = openTerminal(openssh("10.0").ssh, ["-F", "none", ...to(sshd, key.path)], {
      columns: 100,
    });
    terminal.type("PS1='> '; stty size\r");
    await terminal.waitFor("24 100\r\n");
    terminal.resize(120, 40);
    terminal.type("clear; stty size\r");
    await terminal.waitFor(/40 120\r\n.*> $/);
    assert.equal(await terminal.screen(), "40 120\n>");
    terminal.type("exit 4\r");
    assert.deepEqual(await terminal.ended, { status: 4 });
  });

  it("says what it saw when it waits in vain", async () => {
    const terminal = openTerminal("/bin/sh", ["-c", "echo something else"]);
    await assert.rejects(terminal.waitFor("this"), /ended without: this[^]*something else/);
  });
});

describe("harness/programs", () => {
  for (const [name, args, said] of [
    ["asciinema", ["--version"], "asciinema 2"],
    ["dbclient", ["-V"], "Dropbear v"],
    ["expect", ["-v"], "expect version"],
    ["git", ["--version"], "git version"],
    ["lftp", ["--version"], "LFTP"],
    ["plink", ["--version"], "plink: Release"],
    ["python3", ["-c", "import paramiko; print('paramiko', paramiko.__version__)"], "paramiko 2"],
    ["rsync", ["--version"], "rsync  version"],
    ["tmux", ["-V"], "tmux"],
  ] as const) {
    it(`has ${name}`, async () => {
      const { stdout, stderr } = await runProgram(requireTool(name), args);
      assert.ok(`${stdout.toString()}${stderr}`.includes(said), stderr);
    });
  }

  it("fails for a program that nobody wants", () => {
    assert.throws(() => requireTool("no-such-program"), /no-such-program is missing/);
  });

  it("kills a program that takes too long, and says what it had said", async () => {
    const running = runProgram("/bin/sh", ["-c", "echo before; sleep 60"], { timeoutMs: 200 });
    await assert.rejects(running, /not done after 200 ms; it said: before/);
  });

  it("finds a process that has detached itself", async () => {
    const { stdout } = await runProgram("/bin/sh", ["-c", "setsid sleep 60 >/dev/null 2>&1 & echo $!"]);
    const detached = Number(stdout.toString());
    try {
      // Found from its start on, whatever it still calls itself: the shell says the number before setsid has run.
      assert.ok(startedByThisRun().some(({ pid }) => pid === detached));
    } finally {
      process.kill(detached, "SIGKILL");
    }
  });
});

describe("harness/fake-clock", () => {
  it("steps the wall clock of a running node and leaves its monotonic clock", async () => {
    const clock = fakeClock();
    const program = `
      const before = [Date.now(), performance.now()];
      process.stdout.write("ready\\n");
      process.stdin.once("data", () => {
        const [wall, monotonic] = [Date.now() - before[0], performance.now() - before[1]];
        console.log([wall > 3_500_000 && wall < 3_700_000, monotonic < 60_000].join());
        process.exit();
      });`;
    const terminal = openTerminal(process.execPath, ["-e", program], { env: clock.env });
    await terminal.waitFor("ready");
    clock.setOffsetSeconds(3600);
    terminal.type("\r");
    await terminal.waitFor("true,true");
  });
});

describe("harness/lying-target", () => {
  it("closes, or says nothing, or says nonsense", async () => {
    const said = async (lie: "closes" | "garbage" | "silent") => {
      const target = await startLyingTarget(lie);
      const socket = createConnection(target.port, "127.0.0.1");
      if (lie !== "closes") setTimeout(() => socket.end(), 100);
      const heard = await text(socket);
      assert.equal(target.accepted(), 1);
      await target.close();
      return heard.slice(0, 8);
    };
    assert.deepEqual(
      [await said("closes"), await said("silent"), await said("garbage")],
      ["", "", "SSH-2.0-"],
    );
  });
});

describe("bench/openssh-reference", () => {
  it("goes to its target directly and through OpenSSH's own jump, the cipher forced or not", async () => {
    const { client, ways } = await startOpensshReference("10.0");
    for (const [way, args] of Object.entries(ways)) {
      const { stdout, stderr } = await runProgram(client.ssh, ["-v", ...args, "echo $SSH_CONNECTION"]);
      assert.match(stdout.toString(), /^127\.0\.0\.1 /, stderr);
      const ciphers = stderr.match(/server->client cipher: \S+/g)?.map((line) => line.split(" ").at(-1));
      const usual = "chacha20-poly1305@openssh.com";
      const wanted = {
        direct: [usual],
        jump: [usual, usual],
        "jump-gcm": Array(2).fill("aes128-gcm@openssh.com"),
      };
      assert.deepEqual(ciphers, wanted[way as keyof typeof wanted]);
    }
  });
});

describe("harness/check-ledger", () => {
  const codec = { encode: (event: unknown) => event, decode: (value: unknown) => value };
  const ledgerOf = async (...events: readonly object[]) => {
    const folder = temporaryFolder();
    const place = ledgerPlace(folder);
    const ledger = await openLedger({ ...place, codec, nowMs: () => 1_800_000_000_000 });
    for (const event of events) await ledger.append(event);
    await ledger.close();
    return place.journal;
  };

  it("reads the events of a closed ledger", async () => {
    const { events, openSessions } = await checkLedger(await ledgerOf({ type: "bastion.stopped" }));
    assert.deepEqual([events, openSessions], [[{ type: "bastion.stopped" }], []]);
  });

  it("refuses what is no event", async () => {
    await assert.rejects(checkLedger(await ledgerOf({ type: "bastion.exploded" })), AccessError);
  });
});

describe("harness/byte-by-byte", () => {
  it("gives the same bytes, one at a time", async () => {
    const seen: string[] = [];
    for await (const byte of byteByByte([Buffer.from("ab"), Buffer.from("c")])) seen.push(byte.toString());
    assert.deepEqual(seen, ["a", "b", "c"]);
  });
});
