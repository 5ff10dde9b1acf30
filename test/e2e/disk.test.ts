import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { person, type Person } from "../harness/person.js";
import { startReceiver, type Receiver } from "../harness/receiver.js";
import { makeKey } from "../harness/ssh-keys.js";
import { temporaryFolder } from "../harness/temporary.js";
import { openssh } from "../harness/tools.js";

const MIB = 2 ** 20;
const disk = `disk: { warnBelow: 40MiB, fullBelow: 20MiB, reserve: 2MiB, ballast: 1MiB, whenFull: two-people }`;
const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/** A bastion whose recordings have a small file system of their own; the tests fill it, one after another. */
describe("e2e/disk", function () {
  let recordings: string;
  let bastion: Bastion;
  let receiver: Receiver;
  let [ann, ben]: Person[] = [];
  let live: ReturnType<typeof keepOpen>;

  before(async () => {
    // tests run as root in CI; elsewhere a user namespace gives a tmpfs of one's own only to the process inside it
    assert.equal(process.getuid?.(), 0, "needs root: mount -t tmpfs");
    recordings = temporaryFolder("recordings");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", recordings]);
    closeAfterwards(() => Promise.resolve(execFileSync("umount", ["-l", recordings])));
    receiver = await startReceiver();
    const keys = [await makeKey("ann"), await makeKey("ben")] as const;
    const [one, other] = keys.map(({ publicLine }) => `{ groups: [platform], keys: ["${publicLine}"] }`);
    const webhooks = `webhooks: { ops: { url: "${receiver.url}", secret: ${secret}, events: ["disk.*"] } }`;
    bastion = await startBastion({
      ...{ recordings, identities: `  ann: ${one ?? ""}\n  ben: ${other ?? ""}` },
      settings: `admins: [platform]\n${disk}\n${webhooks}`,
    });
    [ann, ben] = [person(bastion, "ann", keys[0]), person(bastion, "ben", keys[1])];
    await bastion.issue();
    leave(30);
    live = keepOpen();
    await live.echo("begun\n");
  });

  /** Leaves so much free, by a file that is none of ours and only grows: the bastion may look at any moment. */
  function leave(mib: number): void {
    const { bavail, bsize } = statfsSync(recordings);
    appendFileSync(join(recordings, "filler"), Buffer.alloc(bavail * bsize - mib * MIB));
  }

  const run = (command: string) => bastion.ssh("9.2", ["-J", "bastion", "prod", command]);
  const news = () => receiver.received.map(({ body }) => body.replaceAll(/[{}"]/gu, ""));

  /** A session that echoes what it is told until it is told no more. */
  function keepOpen() {
    const child = spawn(openssh("9.2").ssh, ["-F", bastion.sshConfig, "-J", "bastion", "prod", "cat"]);
    let said = "";
    let wake: () => void = () => undefined;
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      wake();
    });
    closeAfterwards(() => Promise.resolve(child.kill()));
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    const echo = async (text: string) => {
      child.stdin.write(text);
      while (!said.includes(text)) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { echo, end: () => (child.stdin.end(), ended) };
  }

  it("warns when room becomes small: the ledger, the log, a webhook, doctor", async () => {
    await receiver.got(1);
    assert.match(news()[0] ?? "", /type:disk\.state.*state:low,where:recordings/u);
    assert.match(bastion.log(), /control: disk low where=recordings/u);
    const { status, stdout } = await bastion.bascule(["doctor"]);
    assert.notEqual(status, 0);
    assert.match(stdout.toString(), /disk of recordings.*low: [\d.]+ MiB of 64\.0 MiB free/u);
  });

  it("refuses new sessions when it is full, says what to do, and lets those go on that have their room", async () => {
    leave(16);
    const { status, stderr } = await run("echo no");
    assert.equal(status, 255);
    assert.match(
      stderr,
      /disk is full, so nothing could be recorded.*An admin has to make room; try again then/u,
    );
    await receiver.got(2);
    assert.match(news()[1] ?? "", /state:full/u);
    const denials = (await ledgerNow(bastion.home)).flatMap((entry) =>
      entry.type === "session.denied" ? [entry.reason] : [],
    );
    assert.ok(denials.includes("disk-full"), denials.join());
    await live.echo("still here\n");
  });

  it("takes two admins to let sessions begin all the same", async () => {
    const words = ["bastion", "disk", "override"];
    const asked = await ann?.ssh([...words, "--for", "10m", "--reason", "outage"]);
    assert.equal(asked?.status, 0, asked?.stderr);
    const yes = ["approve", /ovr-\w+/u.exec(asked.stdout.toString())?.[0] ?? ""];
    assert.equal((await ann?.ssh([...words, ...yes]))?.status, 77, "one's own wish");
    assert.equal((await bastion.bascule(["disk", "override", ...yes])).status, 77, "could be either");
    assert.equal((await run("echo no")).status, 255);
    assert.equal((await ben?.ssh([...words, ...yes]))?.status, 0);
    const { status, stdout, stderr } = await run("echo in");
    assert.deepEqual([status, stdout.toString()], [0, "in\n"], stderr);
    assert.match(stderr, /THE DISK IS FULL, and ann and ben let sessions begin all the same/u);
  });

  it("cuts in order the session that outgrows what is left, and no other", async () => {
    const { status, stderr } = await run("head -c 64M /dev/urandom");
    assert.equal(status, 255);
    assert.match(stderr, /the bastion's disk is full, and there is no more room for this recording/u);
    await live.echo("and still\n");
    assert.equal(await live.end(), 0);
  });

  it("lets sessions begin again when there is room, and every recording is whole", async () => {
    rmSync(join(recordings, "filler"));
    assert.equal((await ben?.ssh(["bastion", "disk", "override", "end"]))?.status, 0);
    assert.equal((await run("echo again")).status, 0);
    while (((await bastion.json(["sessions", "--live"])) as unknown[]).length > 0);
    const outcomes = (await ledgerNow(bastion.home)).flatMap((entry) =>
      entry.type === "session.ended" ? [entry.outcome] : [],
    );
    assert.deepEqual(outcomes, ["closed", "cut", "closed", "closed"]);
    const { status, stdout, stderr } = await bastion.bascule(["verify", "--json"]);
    assert.equal(status, 0, stderr + stdout.toString());
  });
});
