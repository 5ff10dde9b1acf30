import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import {
  emptyState,
  fold,
  parseAccessEvent,
  type AccessEvent,
  type RequestId,
  type State,
} from "../../../src/access/index.js";
import { openLedgerKey } from "../../../src/control/keys/ledger-key.js";
import { openLedger, type LedgerRecord } from "../../../src/ledger/index.js";
import { MINUTE, RequestBench } from "./request-bench.js";

type Entry = LedgerRecord<AccessEvent>;

/** Everything that people can do with requests, grants and locks; time passes between the steps. */
async function scenario(bench: RequestBench): Promise<readonly Entry[]> {
  const { desk, control, clocks } = bench;
  const by = "admin@local";
  const pass = () => clocks.pass(MINUTE);
  const held = await bench.granted();
  pass();
  const two = await bench.waiting("two", { fromMs: clocks.wall + 5 * MINUTE });
  await desk.approve({ request: two, by: "carol", durationMs: 20 * MINUTE, comment: "go" });
  pass();
  await desk.approve({ request: two, by: "dave" });
  await control.grants.certify({ identity: "alice", by: "alice" });
  await desk.extend({ grant: held.id, by: "alice", durationMs: 10 * MINUTE, reason: "not done" });
  const more = await desk.extend({
    grant: held.id,
    by: "alice",
    durationMs: 40 * MINUTE,
    reason: "still not",
  });
  assert.ok(more.ok && more.kind === "request");
  pass();
  await desk.approve({ request: more.request.request.id, by: "dave" });
  await control.cuts.lock({ kind: "target", name: "lab" }, by, "broken");
  await bench.ask("oncall");
  const emergency = await bench.ask("one", { breakGlass: true, logins: ["postgres"] });
  assert.ok(emergency.grant);
  await control.cuts.revokeGrant(emergency.grant.id, by, "over");
  await desk.review({ grant: emergency.grant.id, by: "carol", comment: "fine" });
  await desk.deny({ request: await bench.waiting("both"), by: "erin", reason: "no" });
  await desk.cancel({ request: await bench.waiting("two"), by: "alice" });
  await control.cuts.unlock({ kind: "target", name: "lab" }, by, "mended");
  await bench.waiting("both");
  return records(bench);
}

async function records({ control }: RequestBench, from = 0): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  for await (const record of control.ledger.history(from)) all.push(record);
  return all;
}

/** The home as it is when control was killed after exactly these entries. */
async function killedAfter(bench: RequestBench, entries: readonly Entry[]): Promise<void> {
  const { journal, ledger: files, keys } = bench.control.paths;
  await bench.control.abandon();
  for (const folder of [journal, files]) rmSync(folder, { recursive: true });
  const codec = { encode: (event: AccessEvent): unknown => event, decode: parseAccessEvent };
  let nowMs = 0;
  const written = await openLedger({
    ...{ journal, files, signer: openLedgerKey(join(keys, "ledger")) },
    ...{ codec, nowMs: () => nowMs },
  });
  for (const { entry, atMs } of entries) {
    nowMs = atMs;
    await written.append(entry);
  }
  await written.close();
  bench.clocks.wall = nowMs + 1;
}

function stateAfter(entries: readonly Entry[]): State {
  return entries.reduce((state, { entry, atMs }) => fold(state, entry, atMs), emptyState());
}

/** What people would notice. */
function seen({ requests, openRequests, grants, openReviews, locks, certificates }: State): unknown {
  const all = { requests, openRequests, grants, openReviews, locks, certificates };
  return Object.fromEntries(Object.entries(all).map(([name, held]) => [name, [...held]]));
}

/** The request that was answered in full and not settled yet, if there is one after these entries. */
function unsettled(entries: readonly Entry[], whole: readonly Entry[]): RequestId | undefined {
  const next = whole[entries.length]?.entry;
  return next?.type === "grant.issued" || next?.type === "grant.extended" ? next.request : undefined;
}

describe("control/reopen", () => {
  it("comes back with all as it was after every event, and does what was left to be done", async function () {
    const bench = await RequestBench.open();
    const whole = await scenario(bench);
    assert.ok(whole.length > 20);
    for (let count = 1; count <= whole.length; count += 1) {
      const entries = whole.slice(0, count);
      const where = `${count} ${entries.at(-1)?.entry.type ?? ""}`;
      await killedAfter(bench, entries);
      await bench.bench.start();
      const now = await records(bench);
      const left = unsettled(entries, whole);
      assert.deepEqual(now.slice(0, count), entries, where);
      const added = now.slice(count).map(({ entry }) => entry.type);
      const expected = left === undefined ? [] : [whole[count]?.entry.type];
      assert.deepEqual(added, ["bastion.started", ...expected], where);
      const { state } = bench.control;
      assert.equal(left && state.requests.get(left)?.outcome?.kind, left && "granted", where);
      assert.deepEqual(seen(state), seen(stateAfter(now)), where);
    }
  });

  it("starts a grant's clock when it comes back, not when the last yes was written", async () => {
    const bench = await RequestBench.open();
    const whole = await scenario(bench);
    const at = whole.findIndex(({ entry }) => entry.type === "grant.issued");
    await killedAfter(bench, whole.slice(0, at));
    bench.clocks.pass(10 * MINUTE);
    await bench.bench.start();
    const [held] = bench.control.state.grants.values();
    assert.equal(held?.grant.fromMs, bench.clocks.wall);
  });

  it("takes back what the policy of the new start no longer gives", async () => {
    const bench = await RequestBench.open();
    const whole = await scenario(bench);
    const at = whole.findIndex(({ entry }) => entry.type === "grant.issued");
    await killedAfter(bench, whole.slice(0, at));
    bench.bench.writeConfig("[root, postgres]");
    await bench.bench.start();
    const [request] = bench.control.state.requests.values();
    assert.ok(request?.outcome?.kind === "cancelled");
    assert.deepEqual([request.outcome.by, bench.control.state.grants.size], ["bastion@local", 0]);
  });

  it("lets lapse what lapsed while nobody was there", async () => {
    const bench = await RequestBench.open();
    const request = await bench.waiting("two");
    await bench.control.abandon();
    bench.clocks.pass(61 * MINUTE);
    await bench.bench.start();
    assert.equal(bench.stateOf(request).outcome?.kind, "lapsed");
  });
});
