import assert from "node:assert/strict";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { fakeClock, type FakeClock } from "../harness/fake-clock.js";
import { startSsh } from "../harness/forwarded.js";
import { signal } from "../harness/processes.js";
import { setTimeout as sleep } from "node:timers/promises";

interface Held {
  readonly id: string;
  readonly status: string;
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(20);
}

describe("crash/clock", () => {
  let bastion: Bastion;
  let clock: FakeClock;
  let grant = "";

  const isEnded = async () => {
    const all = (await bastion.json(["grants", "--all"])) as readonly Held[];
    return all.some(({ id, status }) => id === grant && status === "ended");
  };

  async function isRefused(): Promise<void> {
    const { status, stderr } = await bastion.ssh("9.2", ["-J", "bastion", "prod", "true"]);
    assert.equal(status, 255);
    assert.match(stderr, /the certificate of alice ended|the grant of alice .* ended/u);
  }

  before(async function () {
    clock = fakeClock();
    bastion = await startBastion({ env: clock.env });
  });

  it("cuts when the clock steps forward, and writes the end of the grant down", async function () {
    grant = await bastion.issue();
    const run = startSsh(bastion, ["prod", "echo ready; cat"]);
    await run.says("ready");
    clock.setOffsetSeconds(3600);
    const { status } = await run.ended;
    assert.equal(status, 255);
    assert.match(run.stderr(), /closed: grant grt-\S+ has ended/u);
    await until(isEnded);
  });

  it("refuses when the clock is set back to when the grant was live, and after a restart of control then", async function () {
    clock.setOffsetSeconds(0);
    await isRefused();
    const [old = 0] = bastion.pidsOf("control");
    signal(old, "SIGKILL");
    await until(() => bastion.pidsOf("control").some((pid) => pid !== old));
    await until(async () => (await bastion.bascule(["whoami"])).status === 0);
    await isRefused();
    assert.ok(await isEnded());
  });

  it("tells the operator, and verifies all the same, with a note", async function () {
    assert.match(bastion.log(), /wall clock stepped/u);
    const { stdout: doctor } = await bastion.bascule(["doctor"]);
    assert.match(String(doctor), /clock .*set back (1h|\d+m)/u);
    await bastion.stop();
    const verified = await bastion.bascule(["verify", bastion.home]);
    assert.equal(verified.status, 0, String(verified.stdout) + verified.stderr);
  });
});
