import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { runProgram, type ProgramOptions, type ProgramResult } from "../harness/run-program.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh, requireTool } from "../harness/tools.js";
import { everyWay, routeTo, ways, type Way } from "../harness/ways.js";

const bytes = randomBytes(5_000_000);

describe("e2e/transfer", function () {
  let bastion: Bastion;
  let here: string;
  before(async () => {
    bastion = await startBastion({ sshd: "10.0" });
    await bastion.issue();
    here = temporaryFolder("here");
    mkdirSync(join(here, "tree/below"), { recursive: true });
    writeFileSync(join(here, "large"), bytes);
    writeFileSync(join(here, "tree/below/a name with spaces"), "small");
  });

  const there = (name: string) => join(bastion.sshd.home, name);

  async function succeed(file: string, args: readonly string[], options?: ProgramOptions) {
    const result = await runProgram(file, args, { cwd: here, ...options });
    assert.equal(result.status, 0, `${file} ${args.join(" ")}: ${result.stderr}`);
    return result;
  }

  /** ssh as one word of a command line, for programs that start it themselves, and the host to give them. */
  function carrier(way: Way): { ssh: string; host: string } {
    const { options, host } = routeTo(bastion, way);
    return { ssh: [openssh("10.0").ssh, "-q", ...options].join(" "), host };
  }

  for (const { version, way, named } of everyWay) {
    for (const [protocol, flags] of [
      ["sftp", ["-s"]],
      ["rcp", ["-O"]],
    ] as const) {
      it(`scp ${protocol}, ${named}: copies a tree there, and a file back`, async () => {
        const { options, host } = routeTo(bastion, way);
        const name = `scp-${protocol}-${version}-${way}`;
        mkdirSync(there(name));
        const scp = openssh(version).scp;
        await succeed(scp, [...flags, "-q", "-p", "-r", ...options, "large", "tree", `${host}:${name}`]);
        assert.ok(readFileSync(there(`${name}/large`)).equals(bytes));
        assert.equal(readFileSync(there(`${name}/tree/below/a name with spaces`), "utf8"), "small");
        assert.equal(modifiedAt(there(`${name}/large`)), modifiedAt(join(here, "large")));
        await succeed(scp, [...flags, "-q", ...options, `${host}:${name}/large`, name]);
        assert.ok(readFileSync(join(here, name)).equals(bytes));
      });
    }

    it(`sftp, ${named}: runs a batch of everything, and says which step failed`, async () => {
      const { options, host } = routeTo(bastion, way);
      const name = `sftp-${version}-${way}`;
      const batch = (lines: string[]): Promise<ProgramResult> =>
        runProgram(openssh(version).sftp, ["-q", ...options, "-b", "-", host], {
          cwd: here,
          input: lines.join("\n"),
        });
      const steps = [`mkdir ${name}`, `cd ${name}`, "put large", "rename large moved", `get moved ${name}`];
      const more = ["chmod 600 moved", "symlink moved link", "put -r tree", "rm link", "ls -1"];
      const { stdout, stderr, status } = await batch([...steps, ...more]);
      assert.equal(status, 0, stderr);
      assert.match(stdout.toString(), /\nmoved\s+tree\s*$/);
      assert.ok(readFileSync(join(here, name)).equals(bytes));
      assert.equal(statSync(there(`${name}/moved`)).mode & 0o777, 0o600);
      assert.equal(readFileSync(there(`${name}/tree/below/a name with spaces`), "utf8"), "small");
      assert.equal((await batch([`rm ${name}/moved`, `rmdir ${name}/missing`])).status, 1);
      assert.deepEqual(readdirSync(there(name)), ["tree"]);
    });
  }

  for (const way of ways) {
    it(`rsync, ${way}: brings a tree there and back, goes on with a part, and deletes`, async () => {
      const { ssh, host } = carrier(way);
      const name = `rsync-${way}`;
      const rsync = (...args: string[]) =>
        succeed(requireTool("rsync"), ["-a", "--partial", "-e", ssh, ...args], { timeoutMs: 40_000 });
      mkdirSync(there(name));
      writeFileSync(there(`${name}/large`), bytes.subarray(0, 2_000_000)); // as if cut off
      writeFileSync(there(`${name}/stale`), "");
      const { stdout } = await rsync("--append-verify", "--delete", "--stats", "./", `${host}:${name}/`);
      assert.ok(readFileSync(there(`${name}/large`)).equals(bytes));
      assert.equal(readFileSync(there(`${name}/tree/below/a name with spaces`), "utf8"), "small");
      assert.equal(existsSync(there(`${name}/stale`)), false);
      assert.match(stdout.toString(), /Number of deleted files: 1 /);
      await rsync("-z", `${host}:${name}/large`, `${name}-back`);
      assert.ok(readFileSync(join(here, `${name}-back`)).equals(bytes));
    });

    it(`git, ${way}: clones, pushes and fetches`, async () => {
      const { ssh, host } = carrier(way);
      const as = (name: string) => ({ [`${name}_NAME`]: "alice", [`${name}_EMAIL`]: "alice@example.org" });
      const env = { GIT_SSH_COMMAND: ssh, ...as("GIT_AUTHOR"), ...as("GIT_COMMITTER") };
      const git = (cwd: string, ...args: string[]) => succeed(requireTool("git"), args, { cwd, env });
      const work = join(here, `git-${way}`);
      await git(here, "init", "-q", "--bare", there(`${way}.git`));
      await git(here, "clone", "-q", `${host}:${way}.git`, work);
      writeFileSync(join(work, "large"), bytes);
      await git(work, "add", "large");
      await git(work, "commit", "-q", "-m", "large");
      await git(work, "push", "-q", "origin", "HEAD:main");
      await git(work, "fetch", "-q", "origin", "main");
      const head = (await git(work, "rev-parse", "HEAD")).stdout.toString();
      const pushed = await git(there(`${way}.git`), "rev-parse", "main");
      assert.equal(pushed.stdout.toString(), head);
    });

    it(`lftp, ${way}: mirrors a tree there and reads a file`, async () => {
      const { options, host } = routeTo(bastion, way);
      const [login, name] = host.includes("@") ? host.split("@") : [bastion.login, host];
      const program = [openssh("10.0").ssh, "-q", "-a", "-x", ...options].join(" ");
      const settings = `set sftp:connect-program "${program}"; set sftp:auto-confirm no; set net:max-retries 1`;
      const url = `sftp://${encodeURIComponent(login ?? "")}:@${name ?? ""}/${there("")}`;
      const commands = `open ${url}; mirror -R tree lftp-${way}; cat "lftp-${way}/below/a name with spaces"`;
      const { stdout } = await succeed(requireTool("lftp"), ["-c", `${settings}; ${commands}`]);
      assert.equal(stdout.toString(), "small");
    });
  }
});

/** In whole seconds, which is all that both protocols carry. */
function modifiedAt(path: string): number {
  return Math.floor(statSync(path).mtimeMs / 1000);
}
