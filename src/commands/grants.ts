import { isGrantGone } from "../access/index.js";
import { utcText, listText } from "../wording/index.js";
import { flag, name, optional } from "./argument.js";
import { defineCommand } from "./define.js";
import { grantJson, grantStatus, originText } from "./describe.js";
import { maySee } from "./lookup.js";

export const grants = defineCommand({
  examples: ["grants", "grants --identity alice --all", "grants --json"],
  audience: "anyone",
  positionals: {},
  options: {
    identity: optional(name, { placeholder: "NAME", summary: "only this identity's" }),
    all: flag("also those that have ended or were revoked"),
  },
  run({ control, caller }, { identity, all }) {
    const { nowMs } = control;
    const found = [...control.state.grants.values()].filter((held) => {
      const { grant } = held;
      const isLive = !isGrantGone(held, nowMs);
      return (
        maySee(caller, grant.identity) && (all || isLive) && (identity ?? grant.identity) === grant.identity
      );
    });
    const rows = found.map((held) => [
      held.grant.id,
      held.grant.identity,
      held.grant.targets.join(", "),
      held.grant.logins.join(", "),
      utcText(held.grant.untilMs),
      grantStatus(held, nowMs),
      originText(held),
      held.grant.reason,
    ]);
    const headings = ["GRANT", "IDENTITY", "TARGETS", "LOGINS", "UNTIL", "STATUS", "HOW", "REASON"];
    return {
      text: listText(headings, rows, all ? "No grants." : "No live grants."),
      json: found.map((held) => grantJson(held, nowMs)),
    };
  },
});
