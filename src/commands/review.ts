import { idPrefix, inWords, required, shortReason } from "./argument.js";
import { defineCommand } from "./define.js";
import { findReview } from "./lookup.js";
import { reviewRefusal } from "./review-refusal.js";

export const review = defineCommand({
  examples: ['review grt-9x2m --comment "restarted the primary, as agreed on the phone"'],
  audience: "anyone",
  isOwnWord: true,
  positionals: { grant: required(idPrefix, { placeholder: "GRT", summary: "grt-…, or what begins it" }) },
  options: {
    comment: inWords(
      required(shortReason, { placeholder: "TEXT", summary: "what you found; the ledger keeps it" }),
    ),
  },
  async run(context, { grant: prefix, comment }) {
    const { control, caller } = context;
    const held = findReview(context, prefix);
    const { grant } = held;
    const given = await control.requests.review({ grant: grant.id, by: caller.name, comment });
    if (!given.ok) throw reviewRefusal(held, given);
    return {
      text: `${grant.id} of ${grant.identity} is reviewed.\n`,
      json: { grant: grant.id, by: caller.name, comment },
    };
  },
});
