import { resolve } from "node:path";
import type { Command } from "commander";
import { findHome } from "../find-home.js";
import { groupOf, hintsOf } from "../hints.js";
import { CONFIG_NAME } from "../config-name.js";

type OnExit = (exit: number) => void;

/** Commands about a policy as a file: no bastion need run, and none is changed. What they need is loaded when they run. */
export function addPolicyCommands(program: Command, onExit: OnExit): void {
  const group = groupOf(program, "policy", "A policy held against examples, and against another policy");
  addTest(group, onExit);
  addDiff(group, onExit);
  addShow(group, onExit);
}

function addTest(group: Command, onExit: OnExit): void {
  type Flags = { examples?: string; json?: boolean };
  group
    .command("test")
    .description("Holds a policy against the examples kept beside it")
    .option(
      "--examples <file>",
      "the examples; else FILE.policy-tests.yaml beside the configuration FILE.yaml",
    )
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
An example says who asks for what, and what must come of it. In bascule.policy-tests.yaml:

  - { who: alice, target: prod-db-1, login: postgres, for: 30m, ticket: INC-42, expect: allowed by db-oncall }
  - { who: alice, target: prod-db-1, login: root, expect: denied because login-not-allowed }

Exit status: 0 all as expected, 1 some are not, 2 a file has mistakes.

Examples:
  bascule policy test --config /etc/bascule.yaml
  bascule policy test --config new.yaml --examples bascule.policy-tests.yaml --json`,
    )
    .action(async ({ examples, json = false }: Flags, self: Command) => {
      const { config, ...hints } = hintsOf(self);
      const path = config ?? resolve((await findHome(hints)).home, CONFIG_NAME);
      const { policyTest } = await import("./policy-test.js");
      onExit(await policyTest(path, examples, json));
    });
}

function addDiff(group: Command, onExit: OnExit): void {
  group
    .command("diff")
    .description("Says who gains and loses what between two configurations")
    .argument("<old>", "a configuration, as it is")
    .argument("<new>", "the other, as it is to be")
    .option("--json", "print JSON, with every name")
    .addHelpText(
      "after",
      `
Exit status, as of diff: 0 nobody gains or loses anything, 1 somebody does, 2 a file has mistakes.

Examples:
  bascule policy diff /etc/bascule.yaml new.yaml
  git show HEAD:bascule.yaml > /tmp/old.yaml; bascule policy diff /tmp/old.yaml bascule.yaml --json`,
    )
    .action(async (oldPath: string, newPath: string, { json = false }: { json?: boolean }) => {
      const { policyDiff } = await import("./policy-diff.js");
      onExit(await policyDiff(oldPath, newPath, json));
    });
}

function addShow(group: Command, onExit: OnExit): void {
  group
    .command("show")
    .description("Prints the policy document, whose SHA-256 the ledger and recordings name")
    .option("--hash", "only the SHA-256, in hex")
    .addHelpText(
      "after",
      `
The document is canonical JSON, without a line end: sha256sum of it is the hash. Those that were in force lie in the
home under ledger/policy.

Examples:
  bascule policy show --hash
  bascule policy show --config /etc/bascule.yaml | sha256sum`,
    )
    .action(async ({ hash = false }: { hash?: boolean }, self: Command) => {
      const { config, ...hints } = hintsOf(self);
      const path = config ?? resolve((await findHome(hints)).home, CONFIG_NAME);
      const { policyShow } = await import("./policy-show.js");
      onExit(await policyShow(path, hash));
    });
}
