import { z } from "zod";
import * as leaf from "./leaf.js";
import { parseSecret, SECRET_EXPECTED } from "./secret-file.js";
import { isWebAddress } from "./workload-schema.js";

const URL_CHARS_MAX = 2048;

const url = leaf.parsed("a URL: https, or http on this machine", (text) =>
  text.length <= URL_CHARS_MAX && isWebAddress(text) ? text : undefined,
);

const eventGlob = leaf.parsed(
  "an event's name such as request.made, * standing for any characters",
  (text) => text,
  /^[a-z*][a-z.*-]{0,62}$/,
);

/** Somebody to tell. */
export function webhook() {
  const secret = leaf.parsed(SECRET_EXPECTED, parseSecret);
  const shape = leaf.section({
    url,
    format: leaf.oneOf(["standard", "slack"]).prefault("standard"),
    secret: secret.optional(),
    secretFile: leaf.path.optional(),
    events: leaf.some(eventGlob, "events' names").prefault(["*"]),
  });
  return shape.superRefine(checkSecret, { when: ({ value }) => leaf.isObject(value) });
}

/** Standard Webhooks are signed, so there is one secret; Slack checks none. */
function checkSecret(value: object, context: z.RefinementCtx): void {
  const given = ["secret", "secretFile"].filter((key) => Object.hasOwn(value, key));
  const isSlack = "format" in value && value.format === "slack";
  const fault = (key: string | undefined, message: string): void => {
    context.addIssue({ code: "custom", path: key === undefined ? [] : [key], message });
  };
  if (isSlack && given.length > 0) fault(given[0], "Slack checks no signature: leave it out");
  if (isSlack) return;
  if (given.length === 0) fault(undefined, "expected secret or secretFile: it signs what is sent");
  if (given.length > 1) fault("secretFile", "expected secret or secretFile, not both");
}
