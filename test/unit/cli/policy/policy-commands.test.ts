import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../../../harness/temporary.js";

const root = fileURLToPath(new URL("../../../../..", import.meta.url));
const example = join(root, "config/bascule.example.yaml");

function bascule(...args: readonly string[]) {
  const main = join(root, "dist/src/main.js");
  return spawnSync(process.execPath, [main, "policy", ...args], { encoding: "utf8" });
}

/** Each `bascule` is a process that loads all of the program, on a machine that may be busy. */
describe("cli/policy/policy-commands", function () {
  it("tests the example's own examples, fails where one does not hold, and says what is wrong with a file", () => {
    const folder = temporaryFolder("policy");
    const good = bascule("test", "--config", example, "--json");
    assert.equal(good.status, 0, good.stdout + good.stderr);
    assert.equal((JSON.parse(good.stdout) as { failed: number }).failed, 0);

    const examples = join(folder, "some.yaml");
    const text = readFileSync(join(root, "config/bascule.example.policy-tests.yaml"), "utf8");
    writeFileSync(examples, text.replace("for: 2h", "for: 1h"));
    const bad = bascule("test", "--config", example, "--examples", examples);
    assert.equal(bad.status, 1, bad.stderr);
    const line = text.split("\n").findIndex((one) => one.includes("for: 2h")) + 1;
    assert.equal(
      bad.stdout,
      `${examples}:${line}: alice as postgres on prod-db-1: expected denied because duration-too-long, ` +
        "but it is denied because ticket-missing (nearest role: db-oncall)\n8 examples, 1 failed\n",
    );

    const none = bascule("test", "--config", example, "--examples", join(folder, "nowhere.yaml"));
    assert.deepEqual([none.status, none.stdout], [2, ""]);
    assert.match(none.stderr, /^bascule: there are no examples in .*nowhere\.yaml\n {2}write some there/);
  });

  it("shows the document whose SHA-256 is the policy's hash", () => {
    const { status, stdout } = bascule("show", "--config", example);
    assert.equal(status, 0);
    const hash = createHash("sha256").update(stdout).digest("hex");
    assert.equal(bascule("show", "--hash", "--config", example).stdout, `${hash}\n`);
    assert.equal((JSON.parse(stdout) as { format: string }).format, "bascule-policy-v1");
  });

  it("ends as diff does: 0 the same, 1 different, 2 trouble", () => {
    const other = join(temporaryFolder("policy"), "other.yaml");
    writeFileSync(other, readFileSync(example, "utf8").replace("maxDuration: 2h", "maxDuration: 4h"));
    assert.equal(bascule("diff", example, example).status, 0);
    const { status, stdout } = bascule("diff", example, other, "--json");
    assert.equal(status, 1);
    const { access } = JSON.parse(stdout) as { access: readonly object[] };
    assert.deepEqual(
      access.map((change) => ({ ...change, before: [], after: [] })),
      [
        {
          ...{ change: "changed", identities: ["bob"], targets: ["old-switch"], logins: ["admin"] },
          ...{ before: [], after: [] },
        },
      ],
    );
    assert.equal(bascule("diff", example, "/nowhere.yaml").status, 2);
  });
});
