import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { answerExample, answerText, isExpected } from "../../../../src/cli/policy/check-example.js";
import { parseExamples } from "../../../../src/config/index.js";
import { policyOf } from "./sample.js";

const text = readFileSync(join(import.meta.dirname, "../../../../../docs/policy.md"), "utf8");
const [roles = "", robots = "", examples = "", ...more] = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, block = ""]) => block,
);

describe("docs/policy.md", () => {
  it("has roles and robots that load, and examples that hold", () => {
    assert.deepEqual(more, []);
    const policy = policyOf(`${robots}
  alice: { groups: [engineers], keys: [key-a] }
  bob: { groups: [approvers], keys: [key-b] }
  carol: { groups: [leads], keys: [key-c] }
targets:
  prod-db-1: { address: "h:22", hostKeys: [key-h], labels: { env: prod, team: db }, logins: [postgres, root] }
  stage: { address: "h:22", hostKeys: [key-h], labels: { env: staging }, logins: [app] }
${roles}
recording: { sealTo: { bob: "bascule-auditor:${"A".repeat(43)}" } }
`);
    const held = parseExamples(examples, "docs/policy.md");
    assert.equal(held.length, 4);
    for (const example of held) {
      const answer = answerExample(policy, example);
      assert.ok(isExpected(example, answer), `${example.line}: ${answerText(answer)}`);
    }
  });
});
