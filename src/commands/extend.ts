import { duration, idPrefix, inWords, required, shortReason } from "./argument.js";
import { fetchLine } from "./certificate.js";
import { defineCommand } from "./define.js";
import { grantLine } from "./describe.js";
import { requestJson } from "./describe-request.js";
import { extensionRefusal } from "./extension-refusal.js";
import { findGrant } from "./lookup.js";
import { askedLines } from "./request.js";
import { linesText } from "../wording/index.js";

export const extend = defineCommand({
  examples: ['extend grt-9x2m --for 15m --reason "the copy is at 80 %"'],
  audience: "anyone",
  positionals: { grant: required(idPrefix, { placeholder: "GRT", summary: "grt-…, or what begins it" }) },
  options: {
    for: required(duration, { placeholder: "15m", summary: "how much longer" }),
    reason: inWords(required(shortReason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run(context, { grant: prefix, for: durationMs, reason }) {
    const { control, caller } = context;
    const held = findGrant(context, prefix);
    const ask = { grant: held.grant.id, by: caller.name, durationMs, reason };
    const extended = await control.requests.extend(ask);
    if (!extended.ok) throw extensionRefusal(context, held, ask, extended);
    const { nowMs } = control;
    const { grant } = extended;
    const request = extended.kind === "request" ? requestJson(extended.request, nowMs) : undefined;
    const lines =
      grant !== undefined || extended.kind === "self"
        ? [
            grantLine(grant ?? held.grant, nowMs),
            "Sessions that are open go on. For new ones after the old end:",
            `  ${fetchLine(context)}`,
          ]
        : askedLines(context, extended.request);
    return { text: linesText(lines), json: { ...(request && { request }), ...(grant && { grant }) } };
  },
});
