import { utcText, listText } from "../wording/index.js";
import { flag } from "./argument.js";
import { defineCommand } from "./define.js";
import { subjectText } from "./hold-subject.js";

export const holds = defineCommand({
  examples: ["holds", "holds --all --json"],
  audience: "admins or auditors",
  positionals: {},
  options: { all: flag("also those that were released") },
  run({ control: { state } }, { all }) {
    const found = [...state.holds.values()].filter(({ lifted }) => all || lifted === undefined);
    const rows = found.map((held) => {
      const { lifted } = held;
      const end = lifted === undefined ? "" : `released by ${lifted.by}: ${lifted.reason}`;
      return [held.hold, subjectText(held), held.by, utcText(held.atMs), held.reason, end];
    });
    const headings = ["HOLD", "ON", "BY", "SINCE", "REASON", all ? "RELEASED" : ""];
    return { text: listText(headings, rows, "Nothing is held."), json: found };
  },
});
