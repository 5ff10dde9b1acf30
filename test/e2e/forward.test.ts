import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { FrameType } from "../../src/recording/index.js";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { detailsOf, recordedBy } from "../harness/recorded.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { freePort } from "../harness/sshd.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openTerminal, type Terminal } from "../harness/terminal.js";
import { openssh, type OpensshVersion } from "../harness/tools.js";
import { everyWay, routeTo, ways, type Way } from "../harness/ways.js";

const refusal = /administratively prohibited: bascule: your role does not allow local-forward/;

/** Answers every connection with what it was sent, in capitals, at the end of input. */
async function startService(path?: string): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const heard: Buffer[] = [];
    socket.on("data", (bytes: Buffer) => heard.push(bytes));
    socket.on("end", () => socket.end(Buffer.concat(heard).toString().toUpperCase()));
  });
  server.listen(path ?? { host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  closeAfterwards(() => new Promise((closed) => server.close(closed)));
  return path === undefined ? (server.address() as AddressInfo).port : 0;
}

/** Sends text over a new connection and gives the answer, "" for a connection that is cut; `before` does what comes before the service is there. */
async function ask(
  to: { port: number } | { path: string },
  text: string,
  before: (socket: Socket) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const socket = createConnection({ ...to, allowHalfOpen: true });
  await once(socket, "connect");
  await before(socket);
  socket.end(text);
  return buffer(socket).then(String, () => "");
}

/** RFC 1928, without authentication, to an IPv4 address. */
function throughSocks(port: number) {
  return async (socket: Socket) => {
    const answer = async () => ((await once(socket, "data")) as [Buffer])[0];
    socket.write(Buffer.of(5, 1, 0));
    assert.deepEqual(await answer(), Buffer.of(5, 0));
    socket.write(Buffer.of(5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255));
    assert.equal((await answer())[1], 0);
    socket.pause();
  };
}

describe("e2e/forward", function () {
  let service: number;

  function run(
    bastion: Bastion,
    way: Way,
    flags: readonly string[],
    command: readonly string[] = [],
    options: Parameters<typeof runProgram>[2] = {},
    version: OpensshVersion = "10.0",
  ): Promise<ProgramResult> {
    const { options: route, host } = routeTo(bastion, way);
    return runProgram(openssh(version).ssh, [...route, ...flags, host, ...command], options);
  }

  /** `ssh -N` that goes on until the end of the test, with its forwards in place. */
  async function hold(
    bastion: Bastion,
    { version, way }: { version: OpensshVersion; way: Way },
    flags: readonly string[],
  ): Promise<Terminal> {
    const { options, host } = routeTo(bastion, way);
    const args = [...options, "-v", "-N", ...flags, host];
    const terminal = openTerminal(openssh(version).ssh, args, { columns: 200 });
    if (way === "jump") await terminal.waitFor("Entering interactive session"); // the ssh that carries it
    await terminal.waitFor("Entering interactive session");
    return terminal;
  }

  describe("where the role allows it", () => {
    let bastion: Bastion;
    before(async () => {
      bastion = await startBastion({
        sshd: "10.0",
        channels: ["shell", "exec", "local-forward", "remote-forward", "agent"],
      });
      await bastion.issue();
    });
    beforeEach(async () => {
      service = await startService();
    });

    for (const { named, ...how } of everyWay) {
      it(`${named}: -L, -D and -R carry connections without any session channel`, async () => {
        const [local, socks] = [await freePort(), await freePort()];
        const to = `127.0.0.1:${service}`;
        const flags = ["-L", `${local}:${to}`, "-D", String(socks), "-R", `127.0.0.1:0:${to}`];
        const ssh = await hold(bastion, how, flags);
        const [, remote] = /Allocated port (\d+) /.exec(await ssh.waitFor(/Allocated port \d+ /)) ?? [];
        assert.equal(await ask({ port: local }, "local"), "LOCAL");
        assert.equal(await ask({ port: socks }, "dynamic", throughSocks(service)), "DYNAMIC");
        assert.equal(await ask({ port: Number(remote) }, "remote"), "REMOTE");
        const large = "a".repeat(3_000_000);
        const answers = await Promise.all([1, 2, 3].map(() => ask({ port: local }, large)));
        assert.ok(answers.every((answer) => answer === large.toUpperCase()));
      });

      it(`${named}: -W carries one connection over stdin and stdout`, async () => {
        const flags = ["-W", `127.0.0.1:${service}`];
        const { stdout } = await run(bastion, how.way, flags, [], { input: "through" }, how.version);
        assert.equal(stdout.toString(), "THROUGH");
      });
    }

    for (const way of ways) {
      it(`${way}: carries unix sockets in both directions`, async () => {
        const folder = temporaryFolder("sockets");
        const [listening, near, far] = ["service", "near", "far"].map((name) => join(folder, name));
        await startService(listening);
        const flags = ["-L", `${near ?? ""}:${listening ?? ""}`, "-R", `${far ?? ""}:${listening ?? ""}`];
        const ssh = await hold(bastion, { version: "10.0", way }, flags);
        await ssh.waitFor(/remote forward success/);
        assert.equal(await ask({ path: near ?? "" }, "local"), "LOCAL");
        assert.equal(await ask({ path: far ?? "" }, "remote"), "REMOTE");
      });

      it(`${way}: lends the agent with -A, and only then`, async () => {
        const agent = await startAgent(bastion);
        const list = [`${openssh("10.0").sshAdd} -L`];
        const lent = await run(bastion, way, ["-A"], list, { env: agent });
        const [, key] = bastion.alice.publicLine.split(" ");
        assert.ok(lent.stdout.toString().includes(key ?? "none"), lent.stderr);
        assert.notEqual((await run(bastion, way, [], list, { env: agent })).status, 0);
      });
    }

    it("says what became of a connection that the target could not make", async () => {
      const closed = await freePort();
      const { status, stderr } = await run(bastion, "jump", ["-W", `127.0.0.1:${closed}`]);
      assert.equal(status, 255);
      assert.match(stderr, /open failed: connect failed: Connection refused/);
    });
  });

  describe("where the role does not allow it", () => {
    let bastion: Bastion;
    before(async () => {
      bastion = await startBastion({ sshd: "10.0", channels: ["exec"] });
      await bastion.issue();
    });
    beforeEach(async () => {
      service = await startService();
    });

    for (const way of ways) {
      it(`${way}: refuses -W, -L and -D with the reason`, async () => {
        const piped = await run(bastion, way, ["-W", `127.0.0.1:${service}`]);
        assert.equal(piped.status, 255);
        assert.match(piped.stderr, refusal);
        const local = await freePort();
        const ssh = await hold(bastion, { version: "10.0", way }, ["-L", `${local}:127.0.0.1:${service}`]);
        assert.equal(await ask({ port: local }, "local"), "");
        await ssh.waitFor(refusal);
      });

      it(`${way}: refuses -R, and the command runs all the same`, async () => {
        const flags = ["-R", `0:127.0.0.1:${service}`];
        const { stdout, stderr, status } = await run(bastion, way, flags, ["echo runs"]);
        assert.deepEqual([stdout.toString(), status], ["runs\n", 0]);
        assert.match(stderr, /remote port forwarding failed/);
        const strict = await run(bastion, way, ["-o", "ExitOnForwardFailure=yes", ...flags], ["echo runs"]);
        assert.equal(strict.status, 255);
      });

      it(`${way}: refuses -A and -X, and the command runs all the same`, async () => {
        const agent = await startAgent(bastion);
        const command = [`echo "$SSH_AUTH_SOCK|$DISPLAY"; ${openssh("10.0").sshAdd} -l`];
        const env = { ...agent, DISPLAY: ":0" };
        const { stdout, stderr, status } = await run(bastion, way, ["-A", "-Y"], command, { env });
        assert.deepEqual([stdout.toString(), status], ["|\n", 2]);
        assert.match(stderr, /X11 forwarding request failed on channel 0/);
      });

      it(`${way}: refuses a shell, a terminal's too, and a subsystem`, async () => {
        for (const flags of [["-T"], ["-tt"]]) {
          const shell = await run(bastion, way, flags, [], { input: "echo ran\n" });
          assert.doesNotMatch(shell.stdout.toString(), /ran/);
          assert.match(shell.stderr, /shell request failed on channel 0/);
        }
        const sftp = await run(bastion, way, ["-s"], ["sftp"]);
        assert.match(sftp.stderr, /subsystem request failed on channel 0/);
      });
    }

    it("refuses a second jump through a target, with the reason", async () => {
      const args = ["-F", bastion.sshConfig, "-J", "bastion,prod", "root@elsewhere", "true"];
      const { status, stderr } = await runProgram(openssh("10.0").ssh, args);
      assert.equal(status, 255);
      assert.match(stderr, refusal);
    });

    it("notes in the recording what was refused, and which kind of access it needs", async () => {
      const act = () => run(bastion, "jump", ["-W", `127.0.0.1:${service}`]);
      const { recorded } = await recordedBy(bastion, act);
      assert.deepEqual(detailsOf(recorded, FrameType.denied), [
        { what: "channel direct-tcpip", reason: "needs local-forward" },
      ]);
    });
  });

  /** An agent that holds alice's key and certificate. */
  async function startAgent(bastion: Bastion): Promise<Record<string, string>> {
    const socket = join(temporaryFolder("agent"), "socket");
    const { sshAgent, sshAdd } = openssh("10.0");
    const agent = openTerminal(sshAgent, ["-D", "-a", socket]);
    await agent.waitFor("SSH_AUTH_SOCK");
    const env = { SSH_AUTH_SOCK: socket };
    const added = await runProgram(sshAdd, ["-q", bastion.alice.path], { env });
    assert.equal(added.status, 0, added.stderr);
    return env;
  }
});
