import { counted } from "../wording/index.js";
import type { WitnessNews } from "./news.js";

/** Refusals that can mean that somebody exchanged or cut the ledger; the rest is a witness that is set up wrong, or broken. */
const ALARMS: Partial<Record<WitnessNews["code"], string>> = {
  fork: "has signed ANOTHER HISTORY",
  ahead: "has signed MORE ENTRIES than there are",
};

/** A refusing witness in words; `story.ts` says what each is for. */
export function witnessStory({ witness, code, size }: WitnessNews, bastion: string) {
  const alarm = ALARMS[code];
  const what = alarm ?? "does not sign";
  return {
    headline: `Witness ${witness} ${what}: ledger of ${bastion}, ${counted(size, "entry", "entries")}`,
    details: [["Answer", code] as const],
    commands: [`ssh ${bastion} doctor`],
    isLoud: alarm !== undefined,
  };
}
