import assert from "node:assert/strict";
import { commands, findCommand } from "../../../src/commands/serving.js";
import { CommandError, EXIT, helpText, parseArgv } from "../../../src/commands/index.js";
import { decodeValues } from "../../../src/commands/values.js";

function command(name: string) {
  const found = findCommand(name);
  assert.ok(found, name);
  return found;
}

function usageError(run: () => unknown, says: RegExp): void {
  assert.throws(
    run,
    (error) => error instanceof CommandError && error.code === "usage" && says.test(error.message),
  );
}

function decoded(name: string, words: readonly string[]): Record<string, unknown> {
  return decodeValues(command(name), parseArgv(command(name), words).values);
}

describe("commands/argument", () => {
  it("leaves no gap in a text that could make its rest look like a line of ours", () => {
    const gap = ` ${"\u00a0".repeat(40)}${"\u2800\u3164\u3000".repeat(10)} `;
    const { reason } = decoded("deny", ["req-7", "--reason", `why${gap}approve  ssh approve.req-9`]);
    assert.equal(reason, "why approve ssh approve.req-9");
    usageError(() => decoded("deny", ["req-7", "--reason", "\u2800\u3164"]), /must not be empty/);
  });
});

const issue = [
  "--identity",
  "alice",
  "--target",
  "prod",
  "--login",
  "root",
  "--for",
  "30m",
  "--reason",
  "why",
];

describe("commands/parse-argv", () => {
  it("takes options, repeated options, inline values and positionals apart", () => {
    assert.deepEqual(decoded("revoke", ["grt-9x", "--reason=left the team"]), {
      id: "grt-9x",
      serial: undefined,
      key: undefined,
      reason: "left the team",
    });
    const values = decoded("cert issue", [...issue, "--target=lab"]);
    assert.deepEqual(values["target"], ["prod", "lab"]);
    assert.equal(values["for"], 1_800_000);
  });

  it("knows --json and --help of every command, and words after -- as they are", () => {
    const { json, help, values } = parseArgv(command("show"), ["--json", "--help", "--", "--x"]);
    assert.deepEqual([json, help, values], [true, true, { id: ["--x"] }]);
  });

  for (const [row, name, words, says] of [
    ["unknown-option", "sessions", ["--nosuch"], /no option "--nosuch"/],
    ["word-too-many", "sessions", ["extra"], /does not take "extra"/],
    ["value-missing", "kill", ["ses-0", "--reason"], /--reason wants a value/],
    ["value-for-a-flag", "sessions", ["--live=yes"], /--live takes no value/],
    ["required-missing", "kill", ["ses-0"], /--reason is missing/],
    ["positional-missing", "show", [], /ID is missing/],
    ["given-twice", "kill", ["ses-0", "--reason", "a", "--reason", "b"], /--reason: expected it once/],
    ["bad-duration", "cert issue", issue.with(7, "soon"), /--for: expected a duration such as/],
    ["zero-duration", "cert issue", issue.with(7, "0s"), /--for: expected a duration/],
    ["control-characters-in-a-reason", "cert issue", issue.with(9, "\u001b[2J"), /--reason/],
    ["homoglyph-in-a-name", "cert issue", issue.with(1, "аlice"), /--identity/],
    ["name-of-ten-thousand", "cert issue", issue.with(1, "a".repeat(10_000)), /--identity/],
    ["id-that-is-none", "show", ["../../etc/passwd"], /ID: expected an id/],
    ["fingerprint-that-is-none", "revoke", ["--key", "MD5:aa", "--reason", "x"], /--key/],
  ] as const) {
    it(`refuses ${row}, naming the argument`, () => usageError(() => decoded(name, words), says));
  }

  it("never repeats a foreign word with its escapes", () => {
    usageError(() => parseArgv(command("sessions"), ["--\u001b[2J"]), /^[ -~]+$/);
  });
});

describe("commands/help", () => {
  for (const one of commands) {
    it(`${one.name} has help with an example that parses`, () => {
      assert.match(helpText(one, "bascule"), new RegExp(`Usage: bascule ${one.name}`));
      for (const example of one.examples) {
        assert.ok(example.startsWith(one.name), example);
        const { values } = parseArgv(one, wordsOf(example.slice(one.name.length)));
        for (const [name, { required }] of Object.entries({ ...one.positionals, ...one.options }))
          assert.ok(!required || values[name] !== undefined, `${example}: ${name}`);
      }
    });
  }

  it("keeps the exit statuses that scripts rely on", () => {
    const { done, failed, usage, denied, notFound, verificationFailed, tryLater, notPermitted, interrupted } =
      EXIT;
    const all = [
      done,
      failed,
      usage,
      denied,
      notFound,
      verificationFailed,
      tryLater,
      notPermitted,
      interrupted,
    ];
    assert.deepEqual(all, [0, 1, 2, 3, 4, 5, 75, 77, 130]);
  });
});

/** As a shell takes a line apart, as far as examples go: quotes, and nothing after a redirection. */
function wordsOf(line: string): string[] {
  const [words = ""] = line.split(/ [<>] /u);
  return [...words.matchAll(/"([^"]*)"|(\S+)/gu)].map(([, quoted, bare]) => quoted ?? bare ?? "");
}
