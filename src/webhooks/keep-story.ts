import { formatDuration } from "../wording/index.js";
import type { KeepNews } from "./news.js";

const LEVEL_TEXTS = {
  ok: "has room again",
  low: "is low",
  full: "IS FULL: no new sessions",
  critical: "IS ALL BUT FULL: sessions are cut",
} as const;

/** As a story is told; `story.ts` says what each is for. */
interface Told {
  readonly headline: string;
  readonly details: readonly (readonly [label: string, value: string])[];
  readonly commands: readonly string[];
  readonly isLoud: boolean;
}

/** News of holds and disks in words. */
export function keepStory(news: KeepNews, bastion: string): Told {
  switch (news.type) {
    case "hold.set": {
      const { session, identity, target, by, hold, reason } = news;
      const what = session ?? (identity === undefined ? `target ${target ?? ""}` : `identity ${identity}`);
      return story(`${by} put a legal hold on ${what}`, [
        ["Reason", reason],
        ["Hold", hold],
      ]);
    }
    case "hold.lifted":
      return story(`${news.by} released the legal hold ${news.hold}`, [["Reason", news.reason]]);
    case "disk.state": {
      const { state, where, freeBytes } = news;
      const isLoud = state === "full" || state === "critical";
      const headline = `The disk of ${bastion}'s ${where} ${LEVEL_TEXTS[state]}`;
      return story(headline, [["Free", `${Math.floor(freeBytes / 2 ** 20)} MiB`]], [], isLoud);
    }
    case "disk.override.asked": {
      const { override, by, forMs, reason } = news;
      const headline = `${by} asks for ${formatDuration(forMs)} of sessions on a full disk`;
      const command = `ssh ${bastion} disk override approve ${override}`;
      return story(headline, [["Reason", reason]], [command], true);
    }
    case "disk.override.given":
      return story(`${news.by} lets sessions begin on a full disk`, [["Override", news.override]], [], true);
    case "disk.override.ended":
      return story("Sessions begin on a full disk no more", [["Override", news.override]]);
  }
}

function story(
  headline: string,
  details: Told["details"],
  commands: readonly string[] = [],
  isLoud = false,
): Told {
  return { headline, details, commands, isLoud };
}
