import assert from "node:assert/strict";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { fakeClock, type FakeClock } from "../harness/fake-clock.js";
import { recordingFiles } from "../harness/recorded.js";
import { until } from "../harness/until.js";

const HOUR_S = 3600;

interface Shown {
  readonly deleted?: { readonly hash: string };
  readonly head?: { readonly hash: string };
}

describe("e2e/retention", function () {
  let bastion: Bastion;
  let [brief, long, hold] = ["", "", ""];
  let clock: FakeClock;

  before(async () => {
    clock = fakeClock({ isMonotonicToo: true });
    bastion = await startBastion({
      ...{ env: clock.env, settings: "retention: { keep: 9d }\narchive: ./archive" },
      prod: ({ port, hostKeyLine, login }) => {
        const at = `address: "127.0.0.1:${port}", hostKeys: ["${hostKeyLine}"], logins: [${login}]`;
        return `{ ${at}, labels: { env: prod } }\n  lab: { ${at}, labels: { env: lab } }`;
      },
      roles: `  briefly:
    groups: [engineers]
    targets: { names: [lab] }
    logins: [root]
    maxDuration: 1h
    approvals: automatic
    retention: { atHand: 1h, keep: 2h }`,
    });
    const all: string[] = [];
    for (const target of ["prod", "lab"]) {
      await bastion.issue({ target });
      const { status, stderr } = await bastion.ssh("9.2", [
        "-J",
        "bastion",
        `${bastion.login}@${target}`,
        "true",
      ]);
      assert.equal(status, 0, stderr);
      all.push(...names(bastion.recordings).filter((name) => !all.includes(name)));
    }
    [long = "", brief = ""] = all;
  });

  const names = (folder: string) => recordingFiles(folder).map((path) => basename(path, ".bsr"));
  const archive = () => `${bastion.home}/archive`;

  it("keeps what is held, and moves it to the archive", async () => {
    ({ hold } = (await bastion.json(["hold", brief, "--reason", "case 7"])) as { hold: string });
    clock.setOffsetSeconds(3 * HOUR_S);
    while (names(bastion.recordings).includes(brief)) await sleep(20);
    const { stdout } = await bastion.bascule(["doctor"]);
    assert.match(stdout.toString(), /retention {2,}1 kept by a hold/u);
    assert.deepEqual([names(bastion.recordings), names(archive())], [[long], [brief]]);
  });

  it("deletes it when it is released, leaves its hash, and verifies", async () => {
    assert.equal((await bastion.bascule(["release", hold, "--reason", "closed"])).status, 0);
    clock.setOffsetSeconds(4 * HOUR_S);
    while (names(archive()).length > 0) await sleep(20);
    const { deleted, head } = (await bastion.json(["show", brief])) as Shown;
    assert.equal(deleted?.hash, head?.hash);
    assert.deepEqual([names(bastion.recordings), names(archive())], [[long], []]);
    const gone = await bastion.bascule(["replay", brief]);
    assert.match(
      gone.stderr,
      /was deleted at .*, when its time was over\n {2}its hash is left: bascule show ses-/u,
    );
    await until("a checkpoint says so too", async () => {
      const { status, stdout, stderr } = await bastion.bascule(["verify"]);
      assert.equal(status, 0, stderr + stdout.toString());
      return /sessions {4}2: 1 whole, 1 deleted, 1 archived\n/u.test(stdout.toString());
    });
  });
});
