import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { closeAfterwards } from "../harness/closing.js";
import { ledgerNow } from "../harness/ledger-now.js";
import { temporaryFolder } from "../harness/temporary.js";

describe("e2e/recorder", () => {
  let bastion: Bastion;
  before(async function () {
    bastion = await startBastion();
    await bastion.issue();
  });

  const today = () => join(bastion.recordings, new Date().toISOString().slice(0, 10));

  async function endOf(session: string): Promise<{ codes: readonly string[]; outcomes: readonly string[] }> {
    const events = await eventsWithEnd(session);
    return {
      codes: events.flatMap((event) => (event.type === "session.failed" ? [event.code] : [])),
      outcomes: events.flatMap((event) => (event.type === "session.ended" ? [event.outcome] : [])),
    };
  }

  /** The end is written once control has looked at what there is of the recording. */
  async function eventsWithEnd(session: string) {
    for (;;) {
      const events = (await ledgerNow(bastion.home)).filter(
        (event) => "session" in event && event.session === session,
      );
      if (events.some(({ type }) => type === "session.ended")) return events;
      await sleep(20);
    }
  }

  async function newestSession(): Promise<string> {
    const started = (await ledgerNow(bastion.home)).filter((event) => event.type === "session.started");
    return started.at(-1)?.session ?? assert.fail("no session began");
  }

  it("begins no session where it cannot write, and dials nobody", async () => {
    rmSync(today(), { recursive: true, force: true });
    mkdirSync(bastion.recordings, { recursive: true });
    writeFileSync(today(), "in the way");
    const said = bastion.sshd.log().length;
    const marker = join(temporaryFolder(), "reached");
    const { status, stdout, stderr } = await bastion.ssh("9.2", [
      "-J",
      "bastion",
      "prod",
      `touch ${marker}; echo reached`,
    ]);
    assert.equal(status, 255);
    assert.equal(stdout.toString(), "");
    assert.match(stderr, /bascule: the session cannot be recorded, so it cannot begin/u);
    assert.throws(() => statSync(marker), { code: "ENOENT" });
    assert.equal(bastion.sshd.log().slice(said), "", "the target was not even dialled");

    // it is over in the books, too
    assert.deepEqual(await endOf(await newestSession()), {
      codes: ["recording-failed"],
      outcomes: ["failed"],
    });
    assert.deepEqual(await bastion.json(["sessions", "--live"]), []);
    rmSync(today());
  });

  it("cuts a session whose disk is full, and nothing more reaches the target", async function () {
    // tests run as root in CI; elsewhere a user namespace gives a tmpfs of one's own only to the process inside it
    assert.equal(process.getuid?.(), 0, "needs root: mount -t tmpfs");
    rmSync(today(), { recursive: true, force: true });
    mkdirSync(today(), { mode: 0o700 });
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", today()]);
    closeAfterwards(() => {
      const kept = temporaryFolder();
      cpSync(today(), kept, { recursive: true });
      execFileSync("umount", ["-l", today()]);
      cpSync(kept, today(), { recursive: true });
      return Promise.resolve();
    });
    const received = join(temporaryFolder(), "received");
    const input = Buffer.alloc(8 << 20, 0x61);
    const { status, stderr } = await bastion.ssh("9.2", ["-J", "bastion", "prod", `cat > ${received}`], {
      input,
    });
    assert.equal(status, 255);
    assert.match(stderr, /bascule: session ses-\S+ closed: it can no longer be recorded/u);
    const reached = statSync(received).size;
    assert.ok(reached < 1 << 20, `the target has ${reached} bytes, more than the disk`);
    assert.ok(readFileSync(received).equals(input.subarray(0, reached)));
    assert.deepEqual(await endOf(await newestSession()), { codes: ["recording-failed"], outcomes: ["cut"] });
  });

  it("records again when there is room", async () => {
    const { stdout } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "echo again"]);
    assert.equal(stdout.toString(), "again\n");
  });
});
