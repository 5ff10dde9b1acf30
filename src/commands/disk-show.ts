import { openOverride } from "../access/index.js";
import { bytesText, counted, spanText, utcText, linesText, table } from "../wording/index.js";
import type { PlaceReport } from "../control/index.js";
import { defineCommand } from "./define.js";
import { overrideLine } from "./disk-text.js";

export const diskShow = defineCommand({
  examples: ["disk show", "disk show --json"],
  audience: "admins or auditors",
  positionals: {},
  options: {},
  run({ control, program }) {
    const { disk, override } = control.upkeep;
    const wish = openOverride(control.state, control.nowMs);
    const { whenFull } = control.config.disk;
    return {
      text: linesText([
        ...table([
          ["PLACE", "STATE", "FREE", "OF", "LOW BELOW", "FULL BELOW", "BALLAST"],
          ...disk.places.map(row),
        ]),
        `${bytesText(disk.reservedBytes)} set aside for ${counted(disk.sessions, "live session")}; when full: ${whenFull}`,
        ...(override === undefined ? [] : [overrideLine(override)]),
        ...(wish === undefined
          ? []
          : [
              `${wish.by} asks since ${utcText(wish.askedAtMs)} for ${spanText(wish.forMs)} of sessions on a full disk: ${wish.reason}`,
              `another admin gives them: ${program} disk override approve ${wish.override}`,
            ]),
      ]),
      json: { ...disk, whenFull, override: override ?? null, asked: wish ?? null },
    };
  },
});

function row({ where, level, freeBytes, totalBytes, marks, ballastBytes }: PlaceReport): readonly string[] {
  const sizes = [freeBytes, totalBytes, marks.warnBelow, marks.fullBelow, ballastBytes].map(bytesText);
  return [where, level, ...sizes];
}
