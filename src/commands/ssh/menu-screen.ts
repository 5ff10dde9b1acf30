import {
  askableTargets,
  cleanText,
  isGrantGone,
  type GrantState,
  type RequestState,
} from "../../access/index.js";
import { utcText, table } from "../../wording/index.js";
import type { CommandContext } from "../define.js";
import { grantStatus } from "../describe.js";
import { requestStatus, wishText } from "../describe-request.js";
import { reviewsFor, waitingFor } from "../requests.js";

/** What a number on the screen stands for. */
export type Choice =
  | { readonly kind: "request"; readonly held: RequestState }
  | { readonly kind: "review"; readonly held: GrantState }
  | { readonly kind: "target"; readonly target: string; readonly logins: readonly string[] };

export interface Screen {
  readonly lines: readonly string[];
  /** The first has the number 1. */
  readonly choices: readonly Choice[];
}

/** Lines of one section; a screen is to be taken in at a glance. */
const SECTION_LINES_MAX = 12;

/** Mine, what waits for me, and where I may ask to be let in. */
export function menuScreen(context: CommandContext): Screen {
  const { control, caller, program } = context;
  const { nowMs, policy } = control;
  const groups = policy.identities.get(caller.name)?.groups ?? [];
  const choices: Choice[] = [];
  const numbered = (choice: Choice) => String(choices.push(choice));
  const more = (all: number, words: string) =>
    all > SECTION_LINES_MAX ? [[`… and ${all - SECTION_LINES_MAX} more: ${program} ${words}`]] : [];
  const mine = liveGrants(context);
  const asked = openRequests(context);
  const waiting = waitingFor(context);
  const reviews = reviewsFor(context);
  const targets = [...askable(context)];
  const lines = [
    `${control.config.name}: you are ${caller.name}, in ${groups.join(", ") || "no group"}   ${utcText(nowMs)}`,
    ...section("Your grants", [
      ...mine
        .slice(-SECTION_LINES_MAX)
        .map((held) => [held.grant.id, placeText(held), grantStatus(held, nowMs)]),
      ...more(mine.length, "grants"),
    ]),
    ...section("Your requests", [
      ...asked
        .slice(-SECTION_LINES_MAX)
        .map((held) => [held.request.id, wishText(held.request), requestStatus(held, nowMs)]),
      ...more(asked.length, "requests"),
    ]),
    ...section("Waiting for you", [
      ...waiting.slice(0, SECTION_LINES_MAX).map((held) => {
        const { identity, reason } = held.request;
        return [numbered({ kind: "request", held }), identity, wishText(held.request), reason];
      }),
      ...more(waiting.length, "requests"),
    ]),
    ...section("To be reviewed (break-glass)", [
      ...reviews.slice(0, SECTION_LINES_MAX).map((held) => {
        const { identity, reason } = held.grant;
        return [numbered({ kind: "review", held }), identity, placeText(held), reason];
      }),
      ...more(reviews.length, "requests"),
    ]),
    ...section("You may ask for", [
      ...targets
        .slice(0, SECTION_LINES_MAX)
        .map(([target, logins]) => [numbered({ kind: "target", target, logins }), target, logins.join(", ")]),
      ...more(targets.length, "targets"),
    ]),
    "",
    `${choices.length === 0 ? "" : "number and Return: decide, ask   "}a ask   c certificate   r refresh   q quit`,
  ];
  return { lines, choices };
}

/** The targets that the caller may ask for, with their logins. */
export function askable({ control, caller }: CommandContext): ReadonlyMap<string, readonly string[]> {
  const identity = control.policy.identities.get(caller.name);
  return identity === undefined
    ? new Map<string, readonly string[]>()
    : askableTargets(control.policy, identity);
}

/** A line as a terminal of so many columns shows it in one row; safe on any. */
export function fitted(line: string, columns: number): string {
  const characters = Array.from(cleanText(line, LINE_CHARS_MAX));
  return characters.length <= columns
    ? characters.join("")
    : `${characters.slice(0, Math.max(1, columns - 1)).join("")}…`;
}

const LINE_CHARS_MAX = 600;

function liveGrants({ control: { state, nowMs }, caller }: CommandContext): readonly GrantState[] {
  const own = [...(state.grantsOf.get(caller.name) ?? [])].flatMap((id) => state.grants.get(id) ?? []);
  return own.filter((held) => !isGrantGone(held, nowMs));
}

function openRequests({ control: { state, nowMs }, caller }: CommandContext): readonly RequestState[] {
  const open = [...state.openRequests].flatMap((id) => state.requests.get(id) ?? []);
  return open.filter(({ request }) => request.identity === caller.name && nowMs < request.lapsesAtMs);
}

function placeText({ grant: { targets, logins } }: GrantState): string {
  return `${targets.join(", ")} as ${logins.join(", ")}`;
}

function section(heading: string, rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? [] : ["", heading, ...table(rows).map((line) => `  ${line}`)];
}
