import { endingRefusal } from "./approval-refusal.js";
import { idPrefix, inWords, optional, required, shortReason } from "./argument.js";
import { defineCommand } from "./define.js";
import { requestJson, wishText } from "./describe-request.js";
import { findRequest } from "./lookup.js";

export const cancel = defineCommand({
  examples: ["cancel req-7k2m", 'cancel req-7k2m --reason "it works again"'],
  audience: "anyone",
  positionals: { request: required(idPrefix, { placeholder: "REQ", summary: "req-…, or what begins it" }) },
  options: { reason: inWords(optional(shortReason, { placeholder: "TEXT", summary: "why" })) },
  async run(context, { request: prefix, reason }) {
    const { control, caller } = context;
    const held = findRequest(context, prefix);
    const { request } = held;
    const ending = { request: request.id, by: caller.name, ...(reason !== undefined && { reason }) };
    const ended = await control.requests.cancel(ending);
    if (!ended.ok) throw endingRefusal(context, held, ended);
    return {
      text: `${request.id} is cancelled: ${wishText(request)}\n`,
      json: requestJson(ended.request, control.nowMs),
    };
  },
});
