import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { startDropbear, type RunningDropbear } from "../harness/dropbear.js";
import { runProgram, type ProgramOptions } from "../harness/run-program.js";
import { makeKey } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal } from "../harness/terminal.js";
import { openssh, requireTool } from "../harness/tools.js";
import { routeTo, ways } from "../harness/ways.js";

const large = randomBytes(3_000_000);

const paramiko = `
import paramiko, sys
key, certificate, port, user, known_hosts = sys.argv[1:]
identity = paramiko.Ed25519Key.from_private_key_file(key)
identity.load_certificate(certificate)
client = paramiko.SSHClient()
# it takes host certificates for plain keys and knows no CA: whom it trusts is not tried here
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", int(port), user, pkey=identity, allow_agent=False, look_for_keys=False)
stdin, stdout, stderr = client.exec_command("cat; echo err >&2; exit 7")
stdin.write("out")
stdin.channel.shutdown_write()
words = [stdout.read().decode(), stderr.read().decode().strip().split("\\n")[-1], stdout.channel.recv_exit_status()]
sftp = client.open_sftp()
sftp.put("large", "paramiko")
words.append(sftp.stat("paramiko").st_size)
sftp.get("paramiko", "paramiko.back")
client.close()
print(*words)
`;

const asyncssh = `
import asyncio, asyncssh, sys
key, certificate, port, user, known_hosts = sys.argv[1:]
async def main():
    async with asyncssh.connect("127.0.0.1", int(port), username=user, client_keys=[(key, certificate)],
                                known_hosts=known_hosts, agent_path=None, config=None) as client:
        done = await client.run("cat; echo err >&2; exit 7", input="out")
        words = [done.stdout, done.stderr.strip().split("\\n")[-1], done.exit_status]
        async with client.start_sftp_client() as sftp:
            await sftp.put("large", "asyncssh")
            words.append((await sftp.stat("asyncssh")).size)
            await sftp.get("asyncssh", "asyncssh.back")
        print(*words)
asyncio.run(main())
`;

describe("e2e/clients other than OpenSSH", function () {
  let bastion: Bastion;
  let here: string;
  before(async () => {
    bastion = await startBastion({ sshd: "10.0" });
    await bastion.issue();
    here = temporaryFolder("here");
    writeFileSync(join(here, "large"), large);
  });

  const user = () => `${bastion.login}+prod`;

  describe("PuTTY", () => {
    let options: string[];
    before(async () => {
      const key = join(here, "alice.ppk");
      const made = await runProgram(requireTool("puttygen"), [bastion.alice.path, "-o", key]);
      assert.equal(made.status, 0, made.stderr);
      options = ["-batch", "-noagent", "-P", String(bastion.port), "-i", key];
      options.push("-cert", bastion.alice.certificatePath, "-l", user());
      trustHostCa(join(here, "putty"), readFileSync(join(bastion.home, "keys/host-ca.pub"), "utf8"));
    });
    const env = () => ({ PUTTYDIR: join(here, "putty") });
    const run = (name: string, args: string[], more: ProgramOptions = {}) =>
      runProgram(requireTool(name), [...options, ...args], { cwd: here, env: env(), ...more });

    it("plink: carries input, both outputs and the exit status", async () => {
      const command = "cat; echo err >&2; exit 7";
      const { stdout, stderr, status } = await run("plink", ["127.0.0.1", command], { input: "in\n" });
      assert.deepEqual([stdout.toString(), status], ["in\n", 7], stderr);
      assert.match(stderr, /(^|\n)err\r?\n/);
    });

    it("plink: is a terminal", async () => {
      const args = ["-t", ...options, "127.0.0.1"];
      const terminal = openTerminal(requireTool("plink"), args, { env: env() });
      terminal.type("stty size; exit 3\r");
      await terminal.waitFor(/24 80\r\n/);
      assert.deepEqual(await terminal.ended, { status: 3 });
    });

    it("psftp and pscp: copy there and back", async () => {
      const input = "put large psftp\nget psftp psftp\nquit\n";
      const { stdout, stderr } = await run("psftp", ["127.0.0.1"], { input });
      assert.ok(readFileSync(join(here, "psftp")).equals(large), `${stdout.toString()}${stderr}`);
      for (const protocol of ["-scp", "-sftp"]) {
        const copied = await run("pscp", ["-q", protocol, "large", `127.0.0.1:pscp${protocol}`]);
        assert.equal(copied.status, 0, copied.stderr);
        assert.ok(readFileSync(join(bastion.sshd.home, `pscp${protocol}`)).equals(large));
      }
    });
  });

  for (const [library, script] of [
    ["asyncssh", asyncssh],
    ["paramiko", paramiko],
  ] as const)
    it(`${library}: runs commands, and copies there and back`, async () => {
      const { stdout, stderr } = await python(`with-${library}`, script);
      assert.equal(stdout.toString(), "out err 7 3000000\n", stderr);
      assert.ok(readFileSync(join(here, `${library}.back`)).equals(large));
    });

  // The bastion's own key lives as long as its process: without the certificate over it there is nothing to know it by.
  it("dbclient, which has no host certificates, does not connect", async () => {
    const args = ["-y", "-y", "-p", String(bastion.port), `${user()}@127.0.0.1`, "true"];
    const { status, stderr } = await runProgram(requireTool("dbclient"), args);
    assert.equal(status, 1);
    assert.match(stderr, /No matching algo hostkey/);
  });

  function python(name: string, script: string) {
    const { alice, port, home } = bastion;
    const file = join(here, `${name}.py`);
    writeFileSync(file, script);
    const args = [alice.path, alice.certificatePath, String(port), user(), join(home, "known_hosts")];
    return runProgram(requireTool("python3"), ["-W", "ignore", file, ...args], { cwd: here });
  }
});

describe("e2e/dropbear as the target", function () {
  let bastion: Bastion;
  let dropbear: RunningDropbear;
  before(async () => {
    const key = await makeKey("login");
    dropbear = await startDropbear(key.publicLine);
    bastion = await startBastion({
      channels: ["shell", "exec", "local-forward"],
      prod: () =>
        `{ address: "127.0.0.1:${dropbear.port}", hostKeys: ["${dropbear.hostKeyLine}"], ` +
        `login: { key: ${key.path} }, labels: { env: prod }, logins: [${dropbear.login}] }`,
    });
    await bastion.issue();
  });

  for (const way of ways) {
    const run = (flags: string[], words: string[], more?: ProgramOptions) => {
      const { options, host } = routeTo(bastion, way);
      return runProgram(openssh("10.0").ssh, [...options, ...flags, host, ...words], more);
    };

    it(`${way}: carries input, both outputs and the exit status`, async () => {
      const command = "sha256sum; echo err >&2; exit 7";
      const { stdout, stderr, status } = await run([], [command], { input: large });
      assert.deepEqual([stdout.toString(), status], [`${sha256(large)}  -\n`, 7], stderr);
      assert.match(stderr, /(^|\n)err\n$/);
    });

    it(`${way}: is a terminal`, async () => {
      const { options, host } = routeTo(bastion, way);
      const terminal = openTerminal(openssh("10.0").ssh, [...options, host], { columns: 90 });
      terminal.type("stty size; exit 3\r");
      await terminal.waitFor(/24 90\r\n/);
      assert.deepEqual(await terminal.ended, { status: 3 });
    });

    it(`${way}: forwards connections`, async () => {
      const { stdout } = await run(["-W", `127.0.0.1:${dropbear.port}`], []);
      assert.match(stdout.toString("latin1"), /^SSH-2\.0-dropbear/);
    });
  }
});

/** Host CAs as PuTTY 0.78 keeps them on Unix: a file each. */
function trustHostCa(folder: string, publicLine: string): void {
  mkdirSync(join(folder, "sshhostcas"), { recursive: true });
  const lines = [`PublicKey=${publicLine.split(" ")[1] ?? ""}`, "Validity=*", "PermitRSASHA1=0"];
  writeFileSync(join(folder, "sshhostcas/bastion"), `${lines.join("\n")}\n`);
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
