import { z } from "zod";
import type { Approvals, PeoplesApproval, Quorum } from "../access/index.js";
import * as leaf from "./leaf.js";

/** Who must agree, and at which key of `approvals` each quorum stands (none: at `approvals` itself). */
export type ParsedApprovals =
  { readonly kind: "automatic" } | (PeoplesApproval & { readonly key?: "allOf" | "anyOf" });

const EXPECTED =
  "automatic, { count: 1, from: [approvers] }, { allOf: [{ count: 1, from: [approvers] }] } or { anyOf: … }";

/** As many as a rule in the ledger may have (access/approvals.ts). */
const QUORUMS_MAX = 8;
const QUORUM_GROUPS_MAX = 16;
const QUORUM_COUNT_MAX = 16;

/** `automatic`, one quorum, or several of which all or any must be met. */
export function approvals() {
  const single = leaf.section({ ...quorumShape(), ...proofShape() });
  const quorums = leaf
    .some(leaf.section(quorumShape()), "quorums, each with count and from")
    .max(QUORUMS_MAX, { error: `expected at most ${QUORUMS_MAX} quorums` });
  const allOf = leaf.section({ allOf: quorums, ...proofShape() });
  const anyOf = leaf.section({ anyOf: quorums, ...proofShape() });
  return z.union(
    [
      z.literal("automatic").transform((kind): ParsedApprovals => ({ kind })),
      single.transform(({ count, from, ...proof }): ParsedApprovals =>
        people("all-of", [{ count, from }], proof),
      ),
      allOf.transform((given): ParsedApprovals => ({
        ...people("all-of", given.allOf, given),
        key: "allOf",
      })),
      anyOf.transform((given): ParsedApprovals => ({
        ...people("any-of", given.anyOf, given),
        key: "anyOf",
      })),
    ],
    { error: leaf.expecting(EXPECTED) },
  );
}

/** Without where it stood. */
export function approvalsOf(parsed: ParsedApprovals): Approvals {
  if (parsed.kind === "automatic") return parsed;
  const { kind, quorums, signed, presence } = parsed;
  return { kind, quorums, signed, presence };
}

function quorumShape() {
  const expected = `a whole number from 1 to ${QUORUM_COUNT_MAX}; where nobody has to approve, write approvals: automatic`;
  return {
    count: leaf.whole(1, QUORUM_COUNT_MAX, expected).describe("How many different people"),
    from: leaf
      .some(leaf.name, "groups")
      .max(QUORUM_GROUPS_MAX, { error: `expected at most ${QUORUM_GROUPS_MAX} groups` })
      .describe("Each of them from any of these groups"),
  };
}

function proofShape() {
  const flag = z.boolean({ error: leaf.expecting("true or false") }).optional();
  return {
    signed: flag.describe("Only approvals count that the approver's ssh client signed for this very request"),
    presence: flag.describe("Only those that a touched hardware key signed; it means signed as well"),
  };
}

interface Proof {
  readonly signed?: boolean | undefined;
  readonly presence?: boolean | undefined;
}

/** Nothing but a signature tells of the touch: who demands presence demands the signature. */
function people(
  kind: PeoplesApproval["kind"],
  quorums: readonly Quorum[],
  { signed, presence = false }: Proof,
): PeoplesApproval {
  return { kind, quorums, signed: presence || signed === true, presence };
}
