import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBastion, type Bastion } from "../harness/bastion.js";
import { person, type Person } from "../harness/person.js";
import { runProgram, type ProgramResult } from "../harness/run-program.js";
import { makeKey } from "../harness/ssh-keys.js";
import { openssh } from "../harness/tools.js";
import { until } from "../harness/until.js";

interface ShownRequest {
  readonly id: string;
  readonly status: string;
  readonly approve?: string;
}

interface ShownGrant {
  readonly id: string;
  readonly role: string;
  readonly how?: string;
  readonly approvers: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
}

const REASON = "INC-42 replica can't keep up";

/**
 * Three people and a bastion, with nothing but ssh: alice is on call, bob and carol approve, bob is an admin as well, dave
 * has a hardware key. The tests follow each other as a day does.
 */
describe("e2e/access", function () {
  let bastion: Bastion;
  let alice: Person;
  let bob: Person;
  let carol: Person;
  let dave: Person;
  let stranger: Person;

  before(async () => {
    const sk = { type: ["ed25519-sk", "-w", openssh("10.0").skDummy] };
    const [carolsKey, davesKey, strangersKey] = [
      await makeKey("carol"),
      await makeKey("dave", sk),
      await makeKey("eve"),
    ];
    bastion = await startBastion({
      sshd: "10.0",
      proxies: 1,
      bobsGroups: ["approvers", "auditors", "platform"],
      identities: [
        `  carol: { groups: [approvers, security], keys: ["${carolsKey.publicLine}"] }`,
        `  dave: { groups: [security], keys: ["${davesKey.publicLine}"] }`,
      ].join("\n"),
      settings: "admins: [platform]\nnotices: [7s]",
      targets:
        '  spare: { address: "127.0.0.1:9", hostKeys: ["' + carolsKey.publicLine + '"], logins: [postgres] }',
      roles: roles(userInfo().username),
    });
    alice = person(bastion, "alice", bastion.alice, { version: "10.0" });
    bob = person(bastion, "bob", bastion.bob);
    carol = person(bastion, "carol", carolsKey);
    dave = person(bastion, "dave", davesKey, {
      version: "10.0",
      securityKeyProvider: openssh("10.0").skDummy,
    });
    stranger = person(bastion, "eve", strangersKey);
  });

  /** What a command said, with its exit status checked. */
  async function says(who: Person, words: readonly string[], exit = 0): Promise<ProgramResult> {
    const result = await who.ssh(["bastion", ...words]);
    assert.equal(
      result.status,
      exit,
      `${who.name}: ${words.join(" ")}: ${result.stdout.toString()}${result.stderr}`,
    );
    return result;
  }

  async function asks(words: readonly string[], exit = 0): Promise<string> {
    const { stdout, stderr } = await says(alice, ["request", ...words, "--reason", REASON], exit);
    return /req-[0-9a-z]{12}/.exec(stdout.toString() + stderr)?.[0] ?? "";
  }

  /** Has the certificate for all live grants put where ssh finds it. */
  async function fetchCertificate(): Promise<void> {
    writeFileSync(alice.key.certificatePath, (await says(alice, ["cert"])).stdout);
  }

  const grantsOfAlice = async () => (await alice.json(["grants"])) as readonly ShownGrant[];

  /** Bob takes everything back. */
  async function endAll(): Promise<void> {
    for (const { id } of await grantsOfAlice()) await says(bob, ["revoke", id, "--reason", "the next test"]);
  }

  const waiting = async (who: Person) => (await who.json(["requests"])) as readonly ShownRequest[];
  const prod = (command: string) => alice.ssh(["prod", command]);

  /** The line that `requests` gives to paste. */
  async function pasteLine(who: Person, request: string): Promise<string> {
    const { stdout } = await says(who, ["requests"]);
    const line = new RegExp(`ssh approve\\.${request}\\.[0-9a-f]{64}@bastion`).exec(stdout.toString())?.[0];
    assert.ok(line !== undefined, stdout.toString());
    return line;
  }

  it("tells a stranger nothing", async () => {
    const { status, stdout, stderr } = await stranger.ssh(["bastion", "help"]);
    assert.equal(status, 255);
    assert.equal(stdout.length, 0);
    assert.doesNotMatch(stderr, /bascule|alice|prod/);
  });

  it("tells who comes without a grant the one command to run, and that command asks", async () => {
    const { status, stderr } = await prod("true");
    assert.equal(status, 255);
    const line = /ssh bastion request [^\n\r]*/.exec(stderr)?.[0];
    assert.ok(line !== undefined, stderr);
    const asked = await alice.paste(line);
    assert.equal(asked.status, 0, asked.stderr);
  });

  it("lets alice ask and wait, carol see and approve, and the certificate come back on stdout", async () => {
    const words = ["prod", "--as", bastion.login, "--role", "reviewed", "--for", "10m", "--reason", REASON];
    const came = alice.ssh(["bastion", "request", ...words, "--wait"]);
    const [found] = await some(async () =>
      (await waiting(carol)).filter(({ status }) => status !== "granted"),
    );
    const shown = await says(carol, ["show", found?.id ?? ""]);
    assert.ok(shown.stdout.toString().includes(REASON));
    await says(carol, ["approve", found?.id ?? "", "--for", "5m", "--comment", "go ahead"]);
    const { status, stdout, stderr } = await came;
    assert.equal(status, 0, stderr);
    assert.match(stdout.toString(), /^ssh-ed25519-cert-v01@openssh\.com \S+ \S+\n$/);
    writeFileSync(alice.key.certificatePath, stdout);
    assert.equal((await prod("echo in")).stdout.toString(), "in\n");
    const grant = (await grantsOfAlice()).find(({ role }) => role === "reviewed");
    assert.deepEqual(grant?.approvers, ["carol"]);
    assert.ok(grant.untilMs - grant.fromMs <= 5 * 60_000 + 1000, "the approver's shorter time counts");
  });

  it("never lets the requester, a bystander or the same person twice make up the quorum", async () => {
    const request = await asks(["prod", "--as", bastion.login, "--role", "two-groups"]);
    await says(alice, ["approve", request], 3);
    const first = await says(carol, ["approve", request.slice(0, 8)]);
    assert.match(first.stdout.toString() + first.stderr, /approvers|security/);
    await says(carol, ["approve", request], 3);
    await says(bob, ["approve", request]); // carol then stands for security
    assert.equal(await statusOf(request), "granted");
  });

  it("hands a denial to who waits, with its reason", async () => {
    const words = ["prod", "--as", bastion.login, "--role", "reviewed", "--reason", REASON, "--wait"];
    const came = alice.ssh(["bastion", "request", ...words, "--for", "7m"]);
    const [found] = await some(() => waiting(bob));
    await says(bob, ["deny", found?.id ?? "", "--reason", "not during the freeze"]);
    const { status, stdout, stderr } = await came;
    assert.equal(status, 3);
    assert.equal(stdout.length, 0);
    assert.match(stderr, /not during the freeze/);
  });

  it("takes a signed approval for what it is, and proves it offline", async () => {
    const request = await asks(["prod", "--as", bastion.login, "--role", "signed"]);
    const { stderr } = await says(carol, ["approve", request], 3);
    assert.match(stderr, /ssh approve\.req-/);
    const line = await pasteLine(carol, request);
    const forged = line.replace(/[0-9a-f](?=@)/u, (digit) => (digit === "0" ? "1" : "0"));
    assert.equal((await carol.paste(forged)).status, 3);
    const approved = await carol.paste(line);
    assert.equal(approved.status, 0, approved.stderr);
    assert.equal(await statusOf(request), "granted");
    await verifyOffline(request, carol);
  });

  it("takes only a touched hardware key where the role wants one", async () => {
    const request = await asks(["prod", "--as", bastion.login, "--role", "touched"]);
    assert.equal((await carol.paste(await pasteLine(carol, request))).status, 3);
    const approved = await dave.paste(await pasteLine(dave, request));
    assert.equal(approved.status, 0, approved.stderr);
    await verifyOffline(request, dave);
  });

  it("moves the end of a live session that is extended, as its notice says", async () => {
    await endAll();
    await says(carol, [
      "approve",
      await asks(["prod", "--as", bastion.login, "--role", "short", "--for", "8s"]),
    ]);
    await fetchCertificate();
    const askedAtMs = Date.now();
    const terminal = alice.terminal(["prod"], { columns: 120 });
    const notice = await terminal.waitFor(/extend grt-[0-9a-z]{12}/);
    const grant = /grt-[0-9a-z]{12}/.exec(notice)?.[0] ?? "";
    await says(alice, ["extend", grant, "--for", "5m", "--reason", "nearly done"]);
    await says(alice, ["extend", grant, "--for", "5m", "--reason", "once more"]); // now others are asked
    assert.equal((await waiting(bob)).length, 1);
    await sleep(Math.max(0, askedAtMs + 9500 - Date.now()));
    terminal.type("echo still-$((40 + 2))\r");
    await terminal.waitFor("still-42");
    await says(bob, ["revoke", grant, "--reason", "that is enough"]);
    await terminal.waitFor("that is enough");
    await terminal.ended;
  });

  it("locks a person out of everything, with the reason, and lets them in again", async () => {
    await asks(["prod", "--as", bastion.login, "--role", "oncall", "--for", "10m"]);
    await fetchCertificate();
    const session = alice.ssh(["prod", "echo here; sleep 30"]);
    await some(async () => (await bob.json(["sessions", "--live"])) as readonly unknown[]);
    await says(bob, ["lock", "alice", "--reason", "laptop stolen"]);
    assert.match((await session).stderr, /laptop stolen/);
    const { status, stderr } = await alice.ssh(["bastion", "grants"]);
    assert.equal(status, 255);
    assert.match(stderr, /laptop stolen/);
    assert.equal((await prod("true")).status, 255);
    await says(bob, ["unlock", "alice", "--reason", "found"]);
    assert.equal((await prod("echo back")).stdout.toString(), "back\n");
    await says(bob, ["lock", "--target", "prod", "--reason", "maintenance"]);
    assert.match((await prod("true")).stderr, /maintenance/);
    await says(bob, ["unlock", "--target", "prod", "--reason", "done"]);
  });

  it("lets in at once in an emergency, and keeps the review open until somebody else closes it", async () => {
    await asks(["prod", "--as", bastion.login, "--role", "reviewed", "--for", "10m", "--break-glass"]);
    const grant = (await grantsOfAlice()).find(({ how }) => how === "break-glass");
    await says(alice, ["review", grant?.id ?? "", "--comment", "all well"], 3);
    assert.match((await says(bob, ["requests"])).stdout.toString(), new RegExp(grant?.id ?? "-"));
    await says(bob, ["review", grant?.id ?? "", "--comment", "too early"], 3);
    await endAll();
    await says(bob, ["review", grant?.id ?? "", "--comment", "read the recording"]);
    assert.doesNotMatch((await says(bob, ["requests"])).stdout.toString(), new RegExp(grant?.id ?? "-"));
  });

  it("has requests, votes and locks as they were after control was killed", async () => {
    const request = await asks(["prod", "--as", bastion.login, "--role", "two-groups", "--for", "9m"]);
    await says(carol, ["approve", request]);
    await says(bob, ["lock", "--target", "spare", "--reason", "kept"]);
    const [control] = bastion.pidsOf("control");
    process.kill(control ?? 0, "SIGKILL");
    await some(async () => {
      const { status } = await bob.ssh(["bastion", "whoami"]);
      return status === 0 ? ["up"] : [];
    });
    await says(carol, ["approve", request], 3); // it remembers that she did
    assert.match((await says(bob, ["locks"])).stdout.toString(), /spare.*kept/);
    await says(bob, ["approve", request]);
    assert.equal(await statusOf(request), "granted");
  });

  it("says which word of a command is wrong, with an example", async () => {
    const wrong: readonly (readonly [words: string, exit: number, said: RegExp])[] = [
      ["reqest prod", 2, /did you mean.*request/i],
      ["request prod --fro 30m", 2, /--fro/],
      ["request prod --as postgres --for ever --reason x", 2, /--for.*\n.*request/],
      ["request nowhere --as postgres --for 5m --reason x", 4, /nowhere/],
      ["approve req-000000000000", 4, /req-000000000000/],
      [`request ${"a".repeat(10_000)} --as x --for 5m --reason x`, 2, /TARGET/i],
      ["request pr\u043ed --as postgres --for 5m --reason x", 2, /TARGET/i],
      ["explain bob prod postgres", 77, /yourself|your own/],
      ["lock bob --reason x", 77, /admins/],
    ];
    for (const [words, exit, said] of wrong)
      assert.match((await says(alice, words.split(" "), exit)).stderr, said);
    const { status } = await alice.ssh([
      "bastion",
      "request",
      "prod",
      "--as",
      "postgres",
      "--for",
      "5m",
      "--reason",
      "a\u001b[2Jb",
    ]);
    assert.equal(status, 2);
  });

  it("opens a menu on a terminal, and prints help without one", async () => {
    const terminal = carol.terminal(["-t", "bastion"]);
    await terminal.waitFor(/carol/);
    terminal.type("q");
    await terminal.ended;
    assert.match((await says(carol, [])).stdout.toString(), /request/);
  });

  async function statusOf(request: string): Promise<string> {
    return ((await alice.json(["show", request])) as ShownRequest).status;
  }

  /** By the little program that shares nothing with ours. */
  async function verifyOffline(request: string, approver: Person): Promise<void> {
    const path = join(bastion.home, `${request}.json`);
    writeFileSync(path, JSON.stringify(await approver.json(["show", request])));
    const verify = (key: string) =>
      runProgram(process.execPath, [resolve("test/programs/verify-approval.mjs"), path, `${key}.pub`]);
    const good = await verify(approver.key.path);
    assert.equal(good.status, 0, good.stderr);
    assert.equal((await verify(alice.key.path)).status, 1);
  }
});

/** Each role of its own kind; all of them give alice the same target. `oncall` of the harness needs no approval. */
function roles(login: string): string {
  const role = (name: string, approvals: string, more = "") =>
    [
      `  ${name}:`,
      `    groups: [engineers]`,
      `    targets: { names: [prod] }`,
      `    logins: [${login}]`,
      `    maxDuration: 1h`,
      `    approvals: ${approvals}`,
      `    channels: [shell, exec]${more}`,
    ].join("\n");
  return [
    role("reviewed", "{ count: 1, from: [approvers] }", "\n    breakGlass: allowed"),
    role("two-groups", "{ allOf: [{ count: 1, from: [approvers] }, { count: 1, from: [security] }] }"),
    role("signed", "{ count: 1, from: [approvers], signed: true }"),
    role("touched", "{ count: 1, from: [approvers, security], signed: true, presence: true }"),
    role("short", "{ count: 1, from: [approvers] }", "\n    selfExtension: 10m"),
  ].join("\n");
}

/** Polls until there is something. */
async function some<T>(look: () => Promise<readonly T[]>): Promise<readonly T[]> {
  let there: readonly T[] = [];
  await until("there is something", async () => (there = await look()).length > 0);
  return there;
}
