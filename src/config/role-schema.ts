import { z } from "zod";
import { CHANNEL_KINDS, type TargetSelector } from "../access/index.js";
import { approvals } from "./approvals-schema.js";
import { DEFAULTS } from "./defaults.js";
import { indexMode, retention } from "./keep-schema.js";
import * as leaf from "./leaf.js";

/** Who may ask for what. */
export function role() {
  return leaf.section({
    groups: leaf.some(leaf.name, "groups"),
    targets: selector(),
    logins: leaf.some(leaf.login, "logins"),
    maxDuration: leaf.duration("1s", "365d"),
    approvals: approvals(),
    breakGlass: leaf
      .oneOf(["allowed", "forbidden"])
      .prefault(DEFAULTS.role.breakGlass)
      .describe("Whether its members may let themselves in, to be looked at afterwards"),
    selfExtension: leaf
      .duration("1s", "365d")
      .optional()
      .describe("The longest extension that a holder may give themselves, once"),
    reason: leaf.oneOf(["required", "optional"]).prefault(DEFAULTS.role.reason),
    ticket: leaf.pattern.optional(),
    channels: leaf
      .list(leaf.oneOf(CHANNEL_KINDS), "kinds of channel")
      .prefault([...DEFAULTS.role.channels])
      .describe("What a session may do"),
    retention: retention().optional().describe("How long recordings of its sessions stay"),
    index: indexMode().optional().describe("What search may keep of them"),
    sourceAddresses: leaf.some(leaf.network, "addresses or networks").optional(),
  });
}

/** `{ names: [globs] }`, or labels of which each must match. A label may be called `names`, as its value is no list. */
function selector() {
  const expected = "labels such as { env: prod }, or { names: [prod-db-*] }";
  const names = leaf.section({ names: leaf.some(leaf.nameGlob, "names of targets") });
  const labels = z.record(leaf.labelName, leaf.labelValue).refine((value) => Object.keys(value).length > 0);
  return z.union(
    [
      names.transform(({ names: globs }): TargetSelector => ({ by: "names", globs })),
      labels.transform((value): TargetSelector => ({ by: "labels", labels: value })),
    ],
    { error: leaf.expecting(expected) },
  );
}
