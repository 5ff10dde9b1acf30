import { isIP } from "node:net";
import { z } from "zod";
import { parseName } from "../access/index.js";
import { approvals } from "./approvals-schema.js";
import * as leaf from "./leaf.js";
import { nearest } from "../wording/index.js";
import { EXAMPLE_DENIALS, type PolicyExample } from "./policy-example.js";

/** More are several policies' examples. */
const EXAMPLES_MAX = 10_000;

/** As short as a grant may be: an example that says nothing of the time asks nothing of it. */
const SHORTEST = "1s";
/** So that roles that want a reason are not denied for its absence; to see that, write `reason: ""`. */
const ANY_REASON = "example of the policy";

const text = z
  .string({ error: leaf.expecting("a text") })
  .max(500, { error: "expected at most 500 characters" });

const address = leaf.parsed("an IP address", (value) => (isIP(value) === 0 ? undefined : value));

type Expectation = PolicyExample["expect"];

const EXPECTATION = "allowed, allowed by ROLE, denied, or denied because CODE";

const expectation = text.transform((value, context): Expectation => {
  const found = parseExpectation(value);
  if (typeof found !== "string") return found;
  context.issues.push({ code: "custom", input: value, message: found });
  return z.NEVER;
});

/** The expectation, or what is wrong with it. */
function parseExpectation(value: string): Expectation | string {
  const [, word, , name] = /^(allowed|denied)( (?:by|because) (\S+))?$/u.exec(value) ?? [];
  if (word === "allowed" && name === undefined) return { kind: "allowed" };
  if (word === "denied" && name === undefined) return { kind: "denied" };
  if (word === "allowed" && value.startsWith("allowed by ") && isName(name))
    return { kind: "allowed", role: name };
  if (word !== "denied" || !value.startsWith("denied because ")) return `expected ${EXPECTATION}`;
  const reason = EXAMPLE_DENIALS.find((code) => code === name);
  if (reason !== undefined) return { kind: "denied", reason };
  const meant = nearest(name ?? "", EXAMPLE_DENIALS);
  return meant === undefined
    ? `expected denied because one of ${EXAMPLE_DENIALS.join(", ")}`
    : `there is no such code; did you mean denied because ${meant}?`;
}

function isName(value: string | undefined): value is string {
  try {
    return value !== undefined && parseName(value) === value;
  } catch {
    return false;
  }
}

/** A list of examples. */
export function examplesSchema() {
  const example = leaf.section({
    who: leaf.name.describe("Who asks"),
    target: leaf.name,
    login: leaf.login,
    for: leaf.duration("1s", "365d").prefault(SHORTEST).describe("How long; left out: however short"),
    reason: text.prefault(ANY_REASON),
    ticket: text.optional(),
    from: address.optional().describe("The address that the session comes from"),
    breakGlass: z.boolean({ error: leaf.expecting("true or false") }).prefault(false),
    expect: expectation.describe(EXPECTATION),
    approvals: approvals().optional().describe("What the role must want, as in the policy"),
  });
  return leaf
    .some(example, "examples, each with who, target, login and expect")
    .max(EXAMPLES_MAX, { error: `expected at most ${EXAMPLES_MAX} examples` });
}
