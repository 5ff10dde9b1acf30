import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { makeKey, signCertificate, type KeyFiles } from "../harness/ssh-keys.js";
import { startSshd } from "../harness/sshd.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal } from "../harness/terminal.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { routeTo, versions, ways, type Way } from "../harness/ways.js";

/** Types of an engineer's key, as for `ssh-keygen -t`. */
const types: Readonly<Record<string, readonly string[]>> = {
  ed25519: ["ed25519"],
  "ecdsa-256": ["ecdsa", "-b", "256"],
  "ecdsa-384": ["ecdsa", "-b", "384"],
  "ecdsa-521": ["ecdsa", "-b", "521"],
  rsa: ["rsa", "-b", "3072"],
  "ed25519-sk": ["ed25519-sk", "-w", openssh("10.0").skDummy],
};

describe("e2e/keys of engineers", function () {
  let bastion: Bastion;
  const keys = new Map<string, KeyFiles>();
  before(async () => {
    bastion = await startBastion({ sshd: "10.0" });
    for (const [name, type] of Object.entries(types)) {
      const key = await makeKey(name, { type });
      const asked = ["--identity", "alice", "--target", "prod", "--login", bastion.login, "--for", "30m"];
      const file = ["--key", `${key.path}.pub`, "--reason", "a test"];
      const { stdout, stderr, status } = await bastion.bascule(["cert", "issue", ...asked, ...file]);
      assert.equal(status, 0, stderr);
      writeFileSync(key.certificatePath, stdout);
      keys.set(name, key);
    }
  });

  const keyOf = (name: string) => keys.get(name) ?? assert.fail(name);

  /** The client's configuration with another key than alice's own in it. */
  function configFor(key: string): string {
    const path = join(temporaryFolder("config"), "config");
    writeFileSync(path, readFileSync(bastion.sshConfig, "utf8").replace(bastion.alice.path, key));
    return path;
  }

  function login(
    { version, way }: { version: OpensshVersion; way: Way },
    config: string,
    { flags = [], env = {} }: { flags?: string[]; env?: Record<string, string> } = {},
  ): Promise<ProgramResult> {
    const { options, host } = routeTo({ ...bastion, login: bastion.login, sshConfig: config }, way);
    const provider = ["-o", `SecurityKeyProvider=${openssh(version).skDummy}`];
    // the jump's own ssh takes its options from the file alone
    writeFileSync(
      config,
      `${readFileSync(config, "utf8")}\nHost *\n  ${provider[1]?.replace("=", " ") ?? ""}\n`,
    );
    return runProgram(openssh(version).ssh, ["-v", ...options, ...provider, ...flags, host, "echo in"], {
      env,
    });
  }

  for (const version of versions)
    for (const way of ways)
      for (const name of Object.keys(types))
        it(`${name}, ssh ${version}, ${way}: logs in by certificate`, async () => {
          const { stdout, stderr } = await login({ version, way }, configFor(keyOf(name).path));
          assert.equal(stdout.toString(), "in\n", stderr);
        });

  for (const algorithm of ["rsa-sha2-256", "rsa-sha2-512"])
    it(`signs as ${algorithm} when the client wants that`, async () => {
      const config = configFor(keyOf("rsa").path);
      const wanted = `PubkeyAcceptedAlgorithms=${algorithm}-cert-v01@openssh.com`;
      const { stdout, stderr } = await login({ version: "10.0", way: "plus" }, config, {
        flags: ["-o", wanted],
      });
      assert.equal(stdout.toString(), "in\n", stderr);
    });

  it("takes no RSA signature with SHA-1", async () => {
    const config = configFor(keyOf("rsa").path);
    const wanted = "PubkeyAcceptedAlgorithms=ssh-rsa-cert-v01@openssh.com,ssh-rsa";
    const { status, stdout } = await login({ version: "9.2", way: "plus" }, config, {
      flags: ["-o", wanted],
    });
    assert.deepEqual([stdout.toString(), status], ["", 255]);
  });

  for (const version of versions)
    it(`ssh ${version}: takes keys and certificates out of an agent`, async () => {
      const env = { SSH_AUTH_SOCK: join(temporaryFolder("agent"), "socket") };
      const { sshAgent, sshAdd, skDummy } = openssh(version);
      const agent = openTerminal(sshAgent, ["-D", "-P", "/*", "-a", env.SSH_AUTH_SOCK]);
      await agent.waitFor("SSH_AUTH_SOCK");
      const names = version === "9.2" ? ["ed25519", "ecdsa-256", "rsa"] : Object.keys(types);
      for (const name of names) {
        const flags = name.endsWith("-sk") ? ["-S", skDummy] : [];
        const run = (args: string[]) => runProgram(sshAdd, args, { env });
        const added = await run(["-q", "-t", "60", ...flags, keyOf(name).path]);
        assert.equal(added.status, 0, added.stderr);
        const config = configFor("none"); // whatever the agent has is offered, plain keys too
        writeFileSync(config, `IdentitiesOnly no\n${readFileSync(config, "utf8")}`);
        const { stdout, stderr } = await login({ version, way: "jump" }, config, { env });
        assert.equal(stdout.toString(), "in\n", stderr);
        assert.equal((await run(["-D"])).status, 0);
      }
    });
});

describe("e2e/keys of targets", function () {
  let bastion: Bastion;
  const logins = ["ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa"];
  const hosts = ["ed25519", "ecdsa-256", "ecdsa-521", "rsa"];
  before(async () => {
    const lines: string[] = [];
    const ca = await makeKey("host-ca");
    const loginKeys = new Map<string, KeyFiles>();
    for (const name of logins) loginKeys.set(name, await makeKey(name, { type: types[name] ?? [] }));
    const authorizedKeys = [...loginKeys.values()].map((key) => key.publicLine);
    const one = await startSshd({ version: "9.2", authorizedKeys });
    const common = `labels: { env: prod }, logins: [${one.login}]`;
    for (const [name, { path }] of loginKeys)
      lines.push(
        `  login-${name}: { address: "127.0.0.1:${one.port}", hostKeys: ["${one.hostKeyLine}"], ` +
          `login: { key: ${path} }, ${common} }`,
      );
    const key = loginKeys.get("ed25519") ?? assert.fail();
    for (const name of hosts) {
      const hostKey = await makeKey(`host-${name}`, { type: types[name] ?? [] });
      await signCertificate({ ca, key: hostKey, principals: [`certified-${name}`], host: true });
      const shown = { hostKey, withHostCertificate: true, authorizedKeys: [key.publicLine] };
      const sshd = await startSshd({ version: "10.0", ...shown });
      const rest = `address: "127.0.0.1:${sshd.port}", login: { key: ${key.path} }, ${common}`;
      lines.push(`  certified-${name}: { hostCA: "${ca.publicLine}", ${rest} }`);
      lines.push(`  plain-${name}: { hostKeys: ["${hostKey.publicLine}"], ${rest} }`);
    }
    bastion = await startBastion({ targets: lines.join("\n") });
  });

  async function reach(target: string): Promise<ProgramResult> {
    await bastion.issue({ target });
    return bastion.ssh("10.0", ["-J", "bastion", `${bastion.login}@${target}`, "echo in"]);
  }

  for (const name of logins)
    it(`logs in to a target that knows no CA with a key of type ${name}`, async () => {
      const { stdout, stderr } = await reach(`login-${name}`);
      assert.equal(stdout.toString(), "in\n", stderr);
    });

  for (const name of hosts) {
    it(`knows a target by its host key of type ${name}`, async () => {
      const { stdout, stderr } = await reach(`plain-${name}`);
      assert.equal(stdout.toString(), "in\n", stderr);
    });
    it(`knows a target by a host certificate over a key of type ${name}`, async () => {
      const { stdout, stderr } = await reach(`certified-${name}`);
      assert.equal(stdout.toString(), "in\n", stderr);
    });
  }
});
