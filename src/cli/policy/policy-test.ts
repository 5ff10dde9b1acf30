import { existsSync } from "node:fs";
import { linesText } from "../../wording/index.js";
import { EXIT } from "../../commands/index.js";
import { loadExamples, type PolicyExample } from "../../config/index.js";
import { CliError } from "../cli-error.js";
import { printJson, printResult } from "../print.js";
import {
  answerExample,
  answerText,
  expectationText,
  isExpected,
  type ExampleAnswer,
} from "./check-example.js";
import { readPolicy } from "./read-policy.js";

interface Checked {
  readonly example: PolicyExample;
  readonly answer: ExampleAnswer;
  readonly passed: boolean;
}

/** Holds a policy against the examples beside it. Gives 0 when all are as expected, else 1. Throws ConfigError, CliError. */
export async function policyTest(
  configPath: string,
  examplesPath: string | undefined,
  json: boolean,
): Promise<number> {
  const path = examplesPath ?? examplesBeside(configPath);
  const { policy } = await readPolicy(configPath);
  if (!existsSync(path)) throw noExamples(path);
  const checked = (await loadExamples(path)).map((example): Checked => {
    const answer = answerExample(policy, example);
    return { example, answer, passed: isExpected(example, answer) };
  });
  const failed = checked.filter(({ passed }) => !passed);
  if (json) await printJson(report(path, checked, failed.length));
  else
    await printResult(linesText([...failed.map((one) => failureText(path, one)), summary(checked, failed)]));
  return failed.length === 0 ? EXIT.done : EXIT.failed;
}

/** `bascule.yaml` has its examples in `bascule.policy-tests.yaml`. */
function examplesBeside(configPath: string): string {
  return `${configPath.replace(/\.ya?ml$/u, "")}.policy-tests.yaml`;
}

function noExamples(path: string): CliError {
  const example = "- { who: alice, target: prod-db-1, login: postgres, expect: allowed by db-oncall }";
  return new CliError(
    EXIT.usage,
    `there are no examples in ${path}`,
    `write some there, such as: ${example}`,
  );
}

function failureText(path: string, { example, answer }: Checked): string {
  const { line, who, login, target } = example;
  return `${path}:${line}: ${who} as ${login} on ${target}: expected ${expectationText(example)}, but it is ${answerText(answer)}`;
}

function summary(checked: readonly Checked[], failed: readonly Checked[]): string {
  return `${checked.length} example${checked.length === 1 ? "" : "s"}, ${failed.length} failed`;
}

function report(path: string, checked: readonly Checked[], failed: number): object {
  return {
    examples: path,
    count: checked.length,
    failed,
    results: checked.map(({ example, answer, passed }) => ({
      ...{ line: example.line, who: example.who, target: example.target, login: example.login, passed },
      expected: expectationText(example),
      answer:
        answer.kind === "denied"
          ? answer
          : { kind: answer.kind, role: answer.role.name, approvals: answer.role.approvals },
    })),
  };
}
