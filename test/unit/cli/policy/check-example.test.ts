import assert from "node:assert/strict";
import { answerExample, answerText, isExpected } from "../../../../src/cli/policy/check-example.js";
import { ConfigError, parseExamples, type PolicyExample } from "../../../../src/config/index.js";
import { policyOf, policyText } from "./sample.js";

const policy = policyOf(policyText());
const AT = "target: db-1, login: postgres";

function example(text: string): PolicyExample {
  const [only] = parseExamples(`- { ${text} }`, "/x.yaml");
  assert.ok(only);
  return only;
}

/** Each row: an example without its expectation, what must be answered, and expectations that do not hold. */
const rows: readonly [name: string, text: string, answer: string, wrong: readonly string[]][] = [
  [
    "allowed",
    `who: alice, ${AT}, for: 1h, ticket: INC-1, from: 10.1.2.3`,
    "allowed by db",
    ["denied", "allowed by db-at-home", "denied because ticket-missing"],
  ],
  ["by-another-role", `who: alice, ${AT}, from: 192.168.1.1`, "allowed by db-at-home", ["allowed by db"]],
  [
    "ticket",
    `who: alice, ${AT}, for: 30m`,
    "denied because ticket-missing",
    ["allowed", "denied because source-address"],
  ],
  ["source", `who: alice, ${AT}, ticket: INC-1, from: "::1"`, "denied because source-address", ["allowed"]],
  ["too-long", `who: alice, ${AT}, for: 2h, ticket: INC-1`, "denied because duration-too-long", ["allowed"]],
  ["no-reason", `who: alice, ${AT}, reason: ""`, "denied because reason-missing", ["allowed"]],
  ["stranger", `who: mallory, ${AT}`, "denied because unknown-identity", ["denied because not-in-group"]],
  ["not-in-group", `who: bob, ${AT}`, "denied because not-in-group", ["allowed"]],
  ["login", "who: alice, target: db-1, login: root", "denied because login-not-allowed", ["allowed"]],
  ["break-glass", `who: alice, ${AT}, breakGlass: true`, "allowed by db-at-home", ["denied"]],
  [
    "no-break-glass",
    "who: alice, target: db-2, login: postgres, ticket: INC-1, breakGlass: true",
    "denied because break-glass-not-allowed",
    ["allowed"],
  ],
];

describe("cli/policy/check-example", () => {
  for (const [name, text, answer, wrong] of rows) {
    it(name, () => {
      const holds = example(`${text}, expect: ${answer}`);
      const found = answerExample(policy, holds);
      assert.ok(isExpected(holds, found), answerText(found));
      for (const other of wrong) {
        const fails = example(`${text}, expect: ${other}`);
        assert.ok(!isExpected(fails, answerExample(policy, fails)), other);
      }
    });
  }

  it("holds approvals against those of the role", () => {
    const ask = `who: alice, ${AT}, for: 30m, ticket: INC-1, expect: allowed, approvals:`;
    for (const [approvals, passes] of [
      ["{ count: 1, from: [approvers] }", true],
      ["automatic", false],
      ["{ count: 1, from: [approvers], signed: true }", false],
    ] as const) {
      const held = example(`${ask} ${approvals}`);
      assert.equal(isExpected(held, answerExample(policy, held)), passes, approvals);
    }
  });

  it("says of every mistake in the examples where it is", () => {
    const text = [
      "- { who: alice, target: db-1, login: postgres, expect: allowed for db }",
      "- { who: Alice, target: db-1, login: postgres, from: here, expect: denied because not-in-grup }",
      "- { who: alice, target: db-1, login: postgres, fro: 10.0.0.1 }",
    ].join("\n");
    assert.throws(
      () => parseExamples(text, "x.yaml"),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(
          error.mistakes.map(({ line, path, message }) => `${line} ${path}: ${message.slice(0, 48)}`),
          [
            "1 [0].expect: expected allowed, allowed by ROLE, denied, or de",
            "2 [1].expect: there is no such code; did you mean denied becau",
            "2 [1].from: expected an IP address",
            "2 [1].who: expected a name of a-z 0-9 . _ - that begins wit",
            "3 [2].expect: is missing; expected a text",
            "3 [2].fro: is not known; did you mean for?",
          ],
        );
        return true;
      },
    );
  });
});
