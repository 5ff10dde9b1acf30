import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DemoTargetError, startDemoTarget, type DemoTargetProcess } from "../../src/demo/index.js";
import { closeAfterwards } from "../harness/closing.js";
import { descendants } from "../harness/processes.js";
import { runProgram, runSsh } from "../harness/run-program.js";
import { makeKey, signCertificate, type KeyFiles } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal } from "../harness/terminal.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";

describe("e2e/demo-target", () => {
  let target: DemoTargetProcess;
  let folder: string;
  let home: string;
  let key: KeyFiles;
  let ca: KeyFiles;
  let hostKey: KeyFiles;
  const log: string[] = [];

  before(async () => {
    folder = temporaryFolder();
    home = join(folder, "homes/ubuntu");
    [ca, hostKey, key] = [await makeKey("ca"), await makeKey("host"), await makeKey("id")];
    await signCertificate({ ca, key, principals: ["ubuntu"] });
    target = await start();
    const name = `[127.0.0.1]:${target.port}`;
    writeFileSync(join(folder, "known_hosts"), `${name} ${hostKey.publicLine}\n`);
    writeFileSync(
      join(folder, "config"),
      [
        ["Host demo", "HostName 127.0.0.1", `Port ${target.port}`, "User ubuntu", `IdentityFile ${key.path}`],
        [`UserKnownHostsFile ${join(folder, "known_hosts")}`, "IdentitiesOnly yes", "LogLevel ERROR"],
        ["SendEnv LC_* EDITOR"],
      ]
        .flat()
        .join("\n"),
    );
  });

  async function start(port = 0): Promise<DemoTargetProcess> {
    const started = await startDemoTarget({
      listenHost: "127.0.0.1",
      port,
      hostKey: hostKey.privateKey,
      trustedUserCa: ca.publicLine,
      logins: ["ubuntu", "postgres"],
      homes: join(folder, "homes"),
      log: (line) => log.push(line),
    });
    closeAfterwards(() => started.close());
    return started;
  }

  const config = () => ["-F", join(folder, "config")];

  for (const version of ["9.2", "10.0"] satisfies OpensshVersion[]) {
    describe(`with ssh ${version}`, () => {
      const ssh = (args: readonly string[], options = {}) => runSsh(version, [...config(), ...args], options);

      it("runs a command: input, both outputs and status apart", async () => {
        const result = await ssh(["demo", "cat; echo oops >&2; pwd; exit 9"], { input: "in\n" });
        assert.equal(result.stdout.toString(), `in\n${home}\n`);
        assert.equal(result.stderr, "oops\n");
        assert.equal(result.status, 9);
      });

      it("tells the signal that ended a command", async () => {
        const { status, stderr } = await ssh(["-v", "demo", "kill -KILL $$"]);
        assert.equal(status, 255);
        assert.match(stderr, /rtype exit-signal/);
      });

      it("keeps long input, output and error output whole", async () => {
        const input = randomBytes(8 << 20);
        const { stdout, stderr } = await ssh(["demo", "tee /dev/fd/3 3>&2 | cat"], { input });
        const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
        assert.equal(digest(stdout), digest(input));
        assert.ok(stderr.length > 0);
      });

      it("loses nothing of a short command on a terminal", async () => {
        for (let round = 0; round < 5; round++) {
          const { stdout, status } = await ssh(["-tt", "demo", "echo one; exit 3"]);
          assert.deepEqual([stdout.toString(), status], ["one\r\n", 3]);
        }
      });

      it("passes LC_ variables and no others", async () => {
        const env = { LC_TEST: "yes", EDITOR: "no" };
        const { stdout } = await ssh(["demo", "echo $LC_TEST,$EDITOR,$USER,$HOME"], { env });
        assert.equal(stdout.toString(), `yes,,ubuntu,${home}\n`);
      });

      it("gives a shell with its own prompt, resizes it and takes its signals", async () => {
        const size = { columns: 90, rows: 30 };
        const terminal = openTerminal(openssh(version).ssh, [...config(), "demo"], size);
        await terminal.waitFor("ubuntu@demo-host:~$ ");
        terminal.type("stty size; mkdir -p sub; cd sub\r");
        await terminal.waitFor("30 90\r\n");
        await terminal.waitFor("ubuntu@demo-host:~/sub$ ");
        terminal.resize(100, 40);
        await sleep(100);
        terminal.type("stty size\r");
        await terminal.waitFor("40 100\r\n");
        terminal.type("sleep 60\r");
        await sleep(200);
        terminal.type("\x03");
        await terminal.waitFor("^C");
        terminal.type("exit 6\r");
        assert.deepEqual(await terminal.ended, { status: 6 });
      });

      it("serves several sessions on one connection", async () => {
        const socket = join(temporaryFolder(), "mux");
        const shared = ["-o", `ControlPath=${socket}`];
        const master = openTerminal(openssh(version).ssh, [...config(), "-M", "-N", ...shared, "demo"]);
        while (!existsSync(socket)) await sleep(20);
        const results = await Promise.all([1, 2, 3].map((n) => ssh([...shared, "demo", `echo ${n}`])));
        assert.deepEqual(
          results.map(({ stdout }) => stdout.toString()),
          ["1\n", "2\n", "3\n"],
        );
        await master.close();
      });

      it("copies a file there and back with scp", async () => {
        const work = temporaryFolder();
        writeFileSync(join(work, "file"), randomBytes(3 << 20));
        const scp = (...args: string[]) => runProgram(openssh(version).scp, [...config(), "-p", ...args]);
        const up = await scp(join(work, "file"), "demo:copy");
        assert.equal(up.status, 0, up.stderr);
        const down = await scp("demo:copy", join(work, "back"));
        assert.equal(down.status, 0, down.stderr);
        assert.ok(readFileSync(join(work, "back")).equals(readFileSync(join(work, "file"))));
        const missing = await scp("demo:no-such-file", join(work, "back"));
        assert.equal(missing.status, 1);
        assert.match(missing.stderr, /No such file/);
      });

      it("does what sftp asks, below the home folder only", async () => {
        const input = [
          ...["mkdir box", "cd box", `put ${key.path}.pub a`, "rename a b", "chmod 600 b", "ls -l", "cd .."],
          ...["-rm nothing", `-put ${key.path}.pub /etc/x`, "rm box/b", "rmdir box", "pwd"],
        ].join("\n");
        const sftp = await runProgram(openssh(version).sftp, [...config(), "-b", "-", "demo"], { input });
        const said = sftp.stdout.toString() + sftp.stderr;
        assert.equal(sftp.status, 0, said);
        assert.match(said, /-rw------- +1 .* b\n/);
        assert.match(said, /nothing: No such file/);
        assert.match(said, /dest open "?\/etc\/x"?: Permission denied/);
        assert.ok(said.includes(`Remote working directory: ${home}`));
      });

      it("refuses another login, and a plain key", async () => {
        const other = await ssh(["postgres@demo", "true"]);
        assert.equal(other.status, 255);
        assert.match(other.stderr, /Permission denied \(publickey\)/);
        assert.match(log.at(-1) ?? "", /^login from 127\.0\.0\.1 refused: wrong-principal/);
        const plain = await makeKey("plain");
        const unknown = await ssh(["-i", plain.path, "-o", "CertificateFile=none", "postgres@demo", "true"]);
        assert.match(unknown.stderr, /Permission denied/);
      });
    });
  }

  it("gives programs their three descriptors and none of another session's", async () => {
    const other = openTerminal(openssh("10.0").ssh, [...config(), "-tt", "demo", "echo up; sleep 60"]);
    await other.waitFor("up");
    for (const flag of ["-T", "-tt"]) {
      const { stdout } = await runSsh("10.0", [
        ...config(),
        flag,
        "demo",
        "ls /proc/self/fd | tr '\\r\\n' '  '",
      ]);
      // ls has the folder that it reads open as well.
      assert.equal(stdout.toString().trim().replace(/\s+/g, " "), "0 1 2 3");
    }
    await other.close();
  });

  it("ends what a session runs when its connection goes", async () => {
    for (const flag of ["-T", "-tt"]) {
      const before = descendants(target.pid).length;
      const ssh = openTerminal(openssh("10.0").ssh, [...config(), flag, "demo", "echo up; sleep 60"]);
      await ssh.waitFor("up");
      assert.ok(descendants(target.pid).length > before);
      await ssh.close();
      for (let waited = 0; descendants(target.pid).length > before; waited += 20) {
        assert.ok(waited < 5_000, "its program still runs");
        await sleep(20);
      }
    }
  });

  it("obeys a forced command and a certificate without permit-pty", async () => {
    const forced = await makeKey("forced");
    const options = ["clear", "force-command=echo only this: $SSH_ORIGINAL_COMMAND"];
    await signCertificate({ ca, key: forced, principals: ["postgres"], options });
    const as = ["-i", forced.path, "-l", "postgres"];
    const direct = ["-F", "none", "-p", String(target.port), "127.0.0.1"];
    const known = ["-o", `UserKnownHostsFile=${join(folder, "known_hosts")}`, "-o", "IdentitiesOnly=yes"];
    const result = await runSsh("10.0", [...as, ...known, ...direct, "rm -rf x"]);
    assert.equal(result.stdout.toString(), "only this: rm -rf x\n");
    const terminal = await runSsh("10.0", ["-tt", ...as, ...known, ...direct]);
    assert.match(terminal.stderr, /PTY allocation request failed/);
    const files = await runSsh("10.0", [...as, ...known, "-s", ...direct, "sftp"]);
    assert.match(files.stderr, /subsystem request failed/);
  });

  it("says that its port is taken", async () => {
    await assert.rejects(start(target.port), (error) => {
      assert.ok(error instanceof DemoTargetError);
      assert.equal(error.code, "EADDRINUSE");
      return true;
    });
  });

  it("does not outlive the process that started it, however that ends", async () => {
    const options = {
      ...{ listenHost: "127.0.0.1", port: 0, hostKey: hostKey.privateKey, trustedUserCa: ca.publicLine },
      ...{ logins: ["ubuntu"], homes: join(folder, "homes") },
    };
    const room = new URL("../../src/demo/index.js", import.meta.url).href;
    const program = `
      const { startDemoTarget } = await import(${JSON.stringify(room)});
      const { pid } = await startDemoTarget(${JSON.stringify(options)});
      console.log("pid " + pid + ";");`;
    const parent = openTerminal(process.execPath, ["--input-type=module", "-e", program]);
    const pid = Number(/\d+/.exec(await parent.waitFor(/pid \d+;/))?.[0]);
    assert.ok(isRunning(pid));
    process.kill(parent.pid, "SIGKILL");
    for (let waited = 0; isRunning(pid); waited += 20) {
      assert.ok(waited < 5_000, "it still runs");
      await sleep(20);
    }
  });

  it("keeps its homes between runs and closes at once with sessions open", async () => {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "kept"), "still here");
    const second = await start();
    const options = [...config(), "-o", `Port=${second.port}`, "-o", "StrictHostKeyChecking=accept-new"];
    const ssh = openTerminal(openssh("10.0").ssh, [...options, "-o", "UserKnownHostsFile=/dev/null", "demo"]);
    await ssh.waitFor("$ ");
    ssh.type("cat kept\r");
    await ssh.waitFor("still here");
    await second.close();
    assert.deepEqual(await ssh.ended, { status: 255 });
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
