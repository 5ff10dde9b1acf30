import { endingRefusal } from "./approval-refusal.js";
import { idPrefix, inWords, required, shortReason } from "./argument.js";
import { defineCommand } from "./define.js";
import { requestJson, whoseWishText } from "./describe-request.js";
import { denyRedaction, isRedactionId } from "./decide-redaction.js";
import { findRequest } from "./lookup.js";

export const deny = defineCommand({
  examples: ['deny req-7k2m --reason "use the replica"', 'deny red-5x0q --reason "only line 3 is private"'],
  audience: "anyone",
  positionals: {
    request: required(idPrefix, { placeholder: "REQ", summary: "req-… or red-…, or what begins it" }),
  },
  options: {
    reason: inWords(required(shortReason, { placeholder: "TEXT", summary: "why; the requester reads it" })),
  },
  async run(context, { request: prefix, reason }) {
    const { control, caller } = context;
    if (isRedactionId(prefix)) return denyRedaction(context, prefix, reason);
    const held = findRequest(context, prefix);
    const { request } = held;
    const ended = await control.requests.deny({ request: request.id, by: caller.name, reason });
    if (!ended.ok) throw endingRefusal(context, held, ended);
    return {
      text: `${request.id} is denied: ${whoseWishText(request)}\n`,
      json: requestJson(ended.request, control.nowMs),
    };
  },
});
