import { approversOf, type RequestAsk, type RequestState } from "../access/index.js";
import { utcText, linesText } from "../wording/index.js";
import type { Asked, Control, RequestRefused } from "../control/index.js";
import {
  commaList,
  duration,
  flag,
  inWords,
  list,
  login,
  name,
  optional,
  optionalList,
  shortReason,
} from "./argument.js";
import { fetchLine } from "./certificate.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandContext, type CommandResult } from "./define.js";
import { grantLine } from "./describe.js";
import { missing, requestJson, signingLine, wantedText, whoseWishText } from "./describe-request.js";
import { parseLabelSelector, selectTargets } from "./label-selector.js";
import { requestRefusal } from "./request-refusal.js";
import { parseStartTime } from "./start-time.js";
import { waitForCertificate } from "./wait-for-certificate.js";

/** What is asked for by whoever does not say for how long. */
const USUAL_MS = 30 * 60_000;

export const request = defineCommand({
  examples: [
    'request prod-db-1 --as postgres --for 30m --reason "INC-42 replication stuck"',
    'request prod-db-1 prod-db-2 --as postgres --for 1h --ticket INC-42 --reason "move the primary" --wait > ~/.ssh/id_ed25519-cert.pub',
    'request --selector env=prod,team=db --as postgres --for 30m --from +2h --reason "window"',
    'request prod-db-1 --as postgres --for 30m --break-glass --reason "the site is down"',
  ],
  audience: "anyone",
  positionals: {
    target: optionalList(name, { placeholder: "TARGET", summary: "where to" }),
  },
  options: {
    as: commaList(list(login, { placeholder: "LOGIN", summary: "as whom, there" })),
    for: optional(duration, {
      placeholder: "30m",
      summary: "how long; half an hour, or the role's most, if left out",
    }),
    reason: inWords(
      optional(shortReason, { placeholder: "TEXT", summary: "why; approvers read it, the ledger keeps it" }),
    ),
    ticket: optional(shortReason, { placeholder: "TICKET", summary: "the ticket, where a role demands one" }),
    role: optional(name, { placeholder: "NAME", summary: "the role to ask under; else the fitting one" }),
    selector: optional(parseLabelSelector, {
      placeholder: "env=prod,…",
      summary: "instead of names: every target with these labels that you may ask for",
    }),
    from: inWords(
      optional(parseStartTime, {
        placeholder: "TIME",
        summary: "not before then: +2h, 14:00 UTC, 2026-11-21T14:00Z",
      }),
    ),
    wait: flag("wait until it is decided, and print the certificate"),
    "break-glass": flag(
      "in an emergency, where the role lets you: in at once, told to everybody, reviewed afterwards",
    ),
  },
  async run(context, values) {
    const { control, caller } = context;
    if (!control.policy.identities.has(caller.name))
      throw new CommandError(
        "denied",
        `${caller.name} is no identity of the policy, and so has nothing to log in with`,
        "ask by ssh as yourself; or give a grant of your own accord: bascule cert issue",
      );
    const { selector, as, target, from } = values;
    if ((selector === undefined) === (target.length === 0))
      throw new CommandError("usage", "name one or several targets, or a --selector in their place");
    if (values["break-glass"] && from !== undefined)
      throw new CommandError("usage", "--break-glass is for now: leave out --from");
    const ask: RequestAsk = {
      identity: caller.name,
      targets: selector ? selectTargets(control.policy, caller.name, selector, as) : target,
      logins: as,
      durationMs: values.for ?? USUAL_MS,
      reason: values.reason ?? "",
      breakGlass: values["break-glass"],
      ...(values.ticket !== undefined && { ticket: values.ticket }),
      ...(values.role !== undefined && { role: values.role }),
      ...(from !== undefined && { fromMs: from(control.nowMs) }),
    };
    const asked = await askFor(control, ask, values.for === undefined);
    if (!asked.ok) throw requestRefusal(context, ask, asked);
    const lines =
      asked.grant === undefined
        ? askedLines(context, asked.request)
        : [grantLine(asked.grant, control.nowMs)];
    if (!values.wait) return answer(context, asked.request, lines, asked.grant !== undefined);
    for (const line of lines) context.note(line);
    return waitForCertificate(context, asked.request.request.id);
  },
});

/** Whoever does not say for how long has no more than the role gives. */
async function askFor(
  control: Control,
  ask: RequestAsk,
  mayShorten: boolean,
): Promise<Asked | RequestRefused> {
  const asked = await control.requests.ask(ask);
  if (asked.ok || asked.reason !== "duration-too-long" || !mayShorten) return asked;
  return control.requests.ask({ ...ask, durationMs: asked.instead.maxDurationMs ?? 0 });
}

function answer(
  context: CommandContext,
  held: RequestState,
  lines: readonly string[],
  isGranted: boolean,
): CommandResult {
  const next = `certificate${isGranted ? "" : ", once it is approved"}: ${fetchLine(context)}`;
  return { text: linesText(lines), json: requestJson(held, context.control.nowMs), notes: [next] };
}

/** What was asked for, who may approve it, and the line for them to paste. */
export function askedLines({ control }: CommandContext, held: RequestState): readonly string[] {
  const { request: made } = held;
  const people = approversOf(control.policy, made, made.identity);
  return [
    `${made.id}: ${whoseWishText(made)}, under role ${made.role}`,
    `It waits for ${wantedText(made.needs, missing(held))}: ${people.join(", ")}. To approve it, one of them pastes:`,
    `  ${signingLine(made, control.config.name)}`,
    `It lapses ${utcText(made.lapsesAtMs)}.`,
  ];
}
