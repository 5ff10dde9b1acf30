import { approversOf, isGrantGone, type GrantState, type RequestState, type State } from "../access/index.js";
import { spanText, utcText, linesText, table } from "../wording/index.js";
import { flag } from "./argument.js";
import { defineCommand, type CommandContext } from "./define.js";
import { grantLine } from "./describe.js";
import {
  missing,
  requestJson,
  requestStatus,
  signingLine,
  wantedText,
  whoseWishText,
  wishText,
} from "./describe-request.js";
import { mayReviewSome, requestSight } from "./lookup.js";

/** Requests shown without `--all`, of one's own and of others; the newest. */
const SHOWN_MAX = 50;

export const requests = defineCommand({
  examples: ["requests", "requests --all", "requests --json"],
  audience: "anyone",
  positionals: {},
  options: { all: flag("also those that are decided, and others' that you may see") },
  run(context, { all }) {
    const { control, caller, note } = context;
    const { state, nowMs } = control;
    const waiting = waitingFor(context);
    const others = [...state.requests.values()].filter((held) => held.request.identity !== caller.name);
    const mine = own(state, caller.name).filter((held) => all || isOpen(held, nowMs));
    const sees = requestSight(context);
    // who has no identity waits for nothing and is waited for by nobody: they look at others'
    const looks = all || !control.policy.identities.has(caller.name);
    const seen = looks
      ? others.filter((held) => (all || isOpen(held, nowMs)) && !waiting.includes(held) && sees(held))
      : [];
    const reviews = reviewsFor(context);
    const shown = [mine, seen].map((list) => list.slice(-SHOWN_MAX));
    if (mine.length + seen.length > shown.flat().length)
      note(`the newest ${SHOWN_MAX} of each; all of them with --json`);
    const [shownMine = [], shownSeen = []] = shown;
    const sections = [
      ...section(
        "Waiting for you:",
        waiting.flatMap((held) => waitingLines(context, held)),
      ),
      ...section(
        "To be reviewed (break-glass):",
        reviews.flatMap((held) => reviewLines(context, held)),
      ),
      ...section("Yours:", listLines(shownMine, nowMs)),
      ...section("Others':", listLines(shownSeen, nowMs)),
    ];
    const json = (list: readonly RequestState[], relation: string) =>
      list.map((held) => ({ ...requestJson(held, nowMs), relation }));
    return {
      text:
        sections.length === 0 ? "Nothing waits for you, and you wait for nothing.\n" : linesText(sections),
      json: [
        ...json(waiting, "waiting-for-you"),
        ...json(requestsOf(state, reviews), "to-be-reviewed"),
        ...json(mine, "yours"),
        ...json(seen, "others"),
      ],
    };
  },
});

/** The requests that these grants answer. */
function requestsOf(state: State, grants: readonly GrantState[]): readonly RequestState[] {
  return grants.flatMap(({ request }) => (request === undefined ? [] : (state.requests.get(request) ?? [])));
}

/** Open requests that the caller could approve and has not, oldest first. */
export function waitingFor({ control, caller }: CommandContext): readonly RequestState[] {
  const { state, policy, nowMs } = control;
  return [...state.openRequests].flatMap((id) => {
    const held = state.requests.get(id);
    if (held === undefined || !isOpen(held, nowMs) || held.approvals.some(({ by }) => by === caller.name))
      return [];
    return approversOf(policy, held.request, held.request.identity).includes(caller.name) ? [held] : [];
  });
}

/** Break-glass grants that somebody has still to look at, and the caller may. */
export function reviewsFor(context: CommandContext): readonly GrantState[] {
  const { state } = context.control;
  const { name, isAdmin, isAuditor } = context.caller;
  const open = [...state.openReviews].flatMap((id) => state.grants.get(id) ?? []);
  return open.filter(
    (held) => held.grant.identity !== name && (isAdmin || isAuditor || mayReviewSome(context, held)),
  );
}

function own(state: State, name: string): readonly RequestState[] {
  return [...(state.requestsOf.get(name) ?? [])].flatMap((id) => state.requests.get(id) ?? []);
}

function isOpen({ outcome, request }: RequestState, nowMs: number): boolean {
  return outcome === undefined && nowMs < request.lapsesAtMs;
}

/** What an approver needs to decide, and what to paste. */
export function waitingLines({ control, program }: CommandContext, held: RequestState): readonly string[] {
  const { request, approvals, madeAtMs } = held;
  const { nowMs, config } = control;
  const so = approvals.map(({ by }) => by).join(", ");
  return [
    `${request.id}  ${whoseWishText(request)}`,
    `  reason   ${request.reason === "" ? "none given" : request.reason}`,
    ...(request.ticket === undefined ? [] : [`  ticket   ${request.ticket}`]),
    `  role     ${request.role}; waits for ${wantedText(request.needs, missing(held))}${so === "" ? "" : `; approved by ${so}`}`,
    `  asked    ${spanText(nowMs - madeAtMs)} ago; lapses ${utcText(request.lapsesAtMs)}`,
    `  approve  ${signingLine(request, config.name)}`,
    `  deny     ${program} deny ${request.id} --reason "why"`,
  ];
}

function reviewLines({ control, program }: CommandContext, held: GrantState): readonly string[] {
  const { grant } = held;
  const isLive = !isGrantGone(held, control.nowMs);
  return [
    grantLine(grant, control.nowMs),
    `  reason   ${grant.reason}`,
    ...(isLive
      ? [
          `  live     it can be reviewed when it is over, at once with: ${program} revoke ${grant.id} --reason "why"`,
        ]
      : []),
    `  review   ${program} review ${grant.id} --comment "what was done, and why that was right"`,
  ];
}

function listLines(list: readonly RequestState[], nowMs: number): readonly string[] {
  return table(
    list.map((held) => [
      held.request.id,
      held.request.identity,
      wishText(held.request),
      requestStatus(held, nowMs),
    ]),
  );
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [heading, ...lines.map((line) => `  ${line}`)];
}
