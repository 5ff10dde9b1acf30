import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { runCommand } from "../../../src/commands/serving.js";
import { EXIT, type Caller } from "../../../src/commands/index.js";
import { Keeper } from "../../../src/control/keeper.js";
import { closeAfterwards } from "../../harness/closing.js";
import { keeperPlace, silentLog } from "../../harness/keeper-place.js";
import { startReceiver, type Receiver } from "../../harness/receiver.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { SECRET } from "../webhooks/sample.js";
import { Bench } from "./bench.js";

const admin: Caller = { name: "admin@local", isAdmin: true, isAuditor: true, via: "local" };

/** Makes these receivers known to a bastion that is already running. */
async function useReceivers(bench: Bench, lines: readonly string[]): Promise<void> {
  bench.writeConfig("[root, postgres]");
  appendFileSync(join(bench.home, "bascule.yaml"), ["webhooks:", ...lines, ""].join("\n  "));
  await bench.control.useConfig(await bench.config());
}

const siem = ({ url }: Receiver) => `siem: { url: "${url}/T000/very-secret", secret: "${SECRET}" }`;

async function doctor({ control }: Bench) {
  const { signal } = new AbortController();
  const context = { control, caller: admin, note: () => undefined, program: "bascule", signal } as const;
  const outcome = await runCommand(context, { command: "doctor", values: {} });
  assert.ok(outcome.ok);
  return { exit: outcome.exit, line: outcome.text.split("\n").find((line) => line.includes("webhook siem")) };
}

describe("control/tell-webhooks", () => {
  it("sends a grant to both kinds of receiver, and after a restart not again", async () => {
    const [standard, slack] = [await startReceiver(), await startReceiver()];
    const bench = await Bench.open();
    await bench.issue(); // before there were receivers
    const chat = `chat: { url: "${slack.url}/services/B000", format: slack, events: [grant.*] }`;
    await useReceivers(bench, [siem(standard), chat]);
    const { grant } = await bench.issue();
    const [message] = await standard.got(1);
    const read = new Webhook(SECRET).verify(message!.body, message!.headers as Record<string, string>) as {
      type: string;
      data: { grant: { id: string; identity: string } };
    };
    assert.equal(read.type, "grant.issued");
    assert.deepEqual([read.data.grant.id, read.data.grant.identity], [grant, "alice"]);
    const [told] = await slack.got(1);
    assert.match((JSON.parse(told!.body) as { text: string }).text, /^alice may be root on prod until/);
    assert.equal(told!.headers["webhook-signature"], undefined);

    await bench.control.close();
    await bench.start();
    const second = await bench.issue();
    const [, next] = await standard.got(2);
    assert.ok(next?.body.includes(second.grant));
    await bench.control.close();
    assert.deepEqual([standard.received.length, slack.received.length], [2, 2]);
  });

  it("lets a dead receiver be seen in doctor, without its secrets, and access go on", async () => {
    const dead = await startReceiver();
    await dead.stop();
    const bench = await Bench.open();
    await bench.proxy();
    await useReceivers(bench, [siem(dead)]);
    assert.equal((await doctor(bench)).exit, EXIT.done);
    await bench.issue();
    while ((bench.control.outsiders.receivers[0]?.failuresInRow ?? 0) === 0)
      await new Promise((turn) => setImmediate(turn));
    const { exit, line } = await doctor(bench);
    assert.equal(exit, EXIT.failed);
    assert.match(
      line ?? "",
      /^WRONG +webhook siem +standard at 127\.0\.0\.1:\d+: 0 delivered; failed: ECONNREFUSED \(1 in a row\); 1 waiting$/,
    );
    assert.doesNotMatch(line ?? "", /very-secret|whsec_/);
    await bench.issue();
    assert.equal(bench.control.outsiders.receivers[0]?.queued, 2);
  });

  it("tries again until a receiver is back", async () => {
    let attempts = 0;
    const flaky = await startReceiver((_, response) =>
      response.writeHead((attempts += 1) === 1 ? 503 : 200).end(),
    );
    const bench = await Bench.open();
    await useReceivers(bench, [siem(flaky)]);
    await bench.issue();
    const [first, second] = await flaky.got(2);
    assert.equal(first?.headers["webhook-id"], second?.headers["webhook-id"]);
  });
});

describe("control/keeper", () => {
  it("tells its watchers of what it writes, and goes on when one throws", async () => {
    const place = keeperPlace(temporaryFolder("keeper"));
    const options = {
      nowMs: () => 5,
      log: silentLog,
      onFailure: () => assert.fail("the ledger failed"),
      onImpossible: () => assert.fail("an entry was left out"),
    };
    const first = await Keeper.open(place, options);
    await first.record({ type: "bastion.stopped" });
    await first.close();
    const keeper = await Keeper.open(place, options);
    closeAfterwards(() => keeper.close());
    const seen: string[] = [];
    const faults: unknown[] = [];
    const fault = new Error("a watcher's own");
    keeper.watch(
      () => {
        throw fault;
      },
      (error) => faults.push(error),
    );
    keeper.watch(
      ({ index, entry }) => seen.push(`${index} ${entry.type}`),
      (error) => faults.push(error),
    );
    await keeper.record({ type: "bastion.stopped" });
    assert.deepEqual([seen, faults], [["1 bastion.stopped"], [fault]]);
    assert.equal(keeper.size, 2);
  });
});
