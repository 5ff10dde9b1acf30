import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { approvalUser, type AccessEvent, type AccessRequest } from "../../../src/access/index.js";
import { startBastion, type Bastion } from "../../harness/bastion.js";
import { ledgerNow } from "../../harness/ledger-now.js";
import { person, type Person } from "../../harness/person.js";
import { runProgram } from "../../harness/run-program.js";
import { makeKey } from "../../harness/ssh-keys.js";
import { temporaryFolder } from "../../harness/temporary.js";
import { openssh } from "../../harness/tools.js";

/** One person for each type of key that OpenSSH has. */
const TYPES: readonly [name: string, type: readonly string[]][] = [
  ["ed25519", ["ed25519"]],
  ["rsa", ["rsa", "-b", "3072"]],
  ["ecdsa", ["ecdsa", "-b", "384"]],
  ["sk-ed25519", ["ed25519-sk"]],
  ["sk-ecdsa", ["ecdsa-sk"]],
];
const PROGRAM = resolve("test/programs/verify-approval.mjs");

describe("interop/approval: what ssh signs, a program of its own verifies from the ledger", function () {
  let bastion: Bastion;
  let request: AccessRequest;
  let entries: readonly AccessEvent[] = [];
  const people = new Map<string, Person>();

  before(async () => {
    const { skDummy } = openssh("10.0");
    const isHardware = (name: string): boolean => name.startsWith("sk-");
    const making = TYPES.map(async ([name, type]) => {
      const provider = isHardware(name) ? ["-w", skDummy] : [];
      return [name, await makeKey(name, { type: [...type, ...provider] })] as const;
    });
    const keys = await Promise.all(making);
    bastion = await startBastion({
      proxies: 1,
      identities: keys
        .map(([name, key]) => `  ${name}: { groups: [deciders], keys: ["${key.publicLine}"] }`)
        .join("\n"),
      roles: [
        ...["  signed:", "    groups: [engineers]", "    targets: { names: [prod] }", "    logins: [LOGIN]"],
        ...["    maxDuration: 1h", "    approvals: { count: 5, from: [deciders], signed: true }"],
        "    channels: [shell]",
      ]
        .join("\n")
        .replace("LOGIN", userInfo().username),
    });
    for (const [name, key] of keys) {
      const provider = isHardware(name) ? { securityKeyProvider: skDummy } : {};
      people.set(name, person(bastion, name, key, { version: "10.0", ...provider }));
    }
    await approveAll();
  });

  async function approveAll(): Promise<void> {
    const alice = person(bastion, "alice", bastion.alice);
    const words = ["prod", "--as", bastion.login, "--role", "signed", "--for", "10m"];
    const asked = await alice.ssh(["bastion", "request", ...words, "--reason", 'INC-42 naïve "quotes"']);
    assert.equal(asked.status, 0, asked.stderr);
    const made = (await ledgerNow(bastion.home)).find((event) => event.type === "request.made");
    assert.ok(made?.type === "request.made");
    request = made.request;
    for (const who of people.values()) {
      const { status, stderr } = await who.ssh([`${approvalUser(request)}@bastion`]);
      assert.equal(status, 0, stderr);
    }
    entries = (await ledgerNow(bastion.home)).filter(
      ({ type }) => type === "request.made" || type === "request.approved",
    );
  }

  const verify = (events: readonly AccessEvent[], key: string, ...options: string[]) => {
    const path = join(temporaryFolder(), "entries.json");
    writeFileSync(path, JSON.stringify(events));
    return runProgram(process.execPath, [PROGRAM, path, `${key}.pub`, ...options]);
  };

  for (const [name] of TYPES) {
    it(`verifies ${name}, and knows whether it was touched`, async () => {
      const { key } = people.get(name)!;
      const { status, stdout, stderr } = await verify(entries, key.path);
      assert.equal(status, 0, stderr);
      assert.ok(stdout.toString().startsWith(`${name} approved ${request.id}`));
      assert.equal((await verify(entries, key.path, "--touched")).status, name.startsWith("sk-") ? 0 : 1);
    });
  }

  it("believes nobody who did not sign, and no other request", async () => {
    assert.equal((await verify(entries, bastion.alice.path)).status, 1);
    const longer = { type: "request.made", request: { ...request, durationMs: 3_600_000 } } as const;
    const { status, stderr } = await verify([longer, ...entries.slice(1)], people.get("rsa")!.key.path);
    assert.equal(status, 1);
    assert.match(stderr, /another request/);
  });
});
