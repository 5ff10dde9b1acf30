import { formatDuration } from "../wording/index.js";
import {
  approvalUser,
  type AccessRequest,
  type CutReason,
  type Grant,
  type Quorum,
} from "../access/index.js";
import { editStory } from "./edit-story.js";
import { keepStory } from "./keep-story.js";
import type { News, Notice } from "./news.js";
import { witnessStory } from "./witness-story.js";

/** News in words, for people. Texts are as they were written: whoever shows them escapes them. */
export interface Story {
  readonly headline: string;
  /** Label and value, in order of weight. */
  readonly details: readonly Detail[];
  /** Lines to paste into a terminal; made of ids, digests and the bastion's name only. */
  readonly commands: readonly string[];
  /** Somebody should look at once. */
  readonly isLoud: boolean;
}

type Detail = readonly [label: string, value: string];

/** How many people are named before the rest is counted. */
const NAMES_MAX = 12;

export function storyOf({ news, bastion }: Notice): Story {
  switch (news.type) {
    case "request.made":
      return madeStory(news, bastion);
    case "request.approved":
      return approvedStory(news, bastion);
    case "request.denied":
      return quiet(`${news.by} denied request ${whatOf(news.request)}`, [["Reason", news.reason]]);
    case "request.cancelled":
      return quiet(`${news.by} cancelled request ${whatOf(news.request)}`, given("Reason", news.reason));
    case "request.lapsed":
      return quiet(`Nobody decided in time on request ${whatOf(news.request)}`);
    case "grant.issued":
    case "grant.break-glass":
      return issuedStory(news, bastion);
    case "grant.extended": {
      const headline = `${scopeOf(news.grant)} until ${timeText(news.grant.untilMs)}, longer than before`;
      const by =
        news.request === undefined ? `${news.by}, as the role allows once` : `request ${news.request}`;
      return quiet(headline, [
        ["Reason", news.reason],
        ["By", by],
        ["Grant", news.grant.id],
      ]);
    }
    case "grant.reviewed":
      return quiet(`${news.by} reviewed the break-glass grant ${news.grant.id} of ${news.grant.identity}`, [
        ["Comment", news.comment],
      ]);
    case "grant.revoked":
      return quiet(`${news.by} revoked grant ${news.grant.id}: ${scopeOf(news.grant)}`, [
        ["Reason", news.reason],
      ]);
    case "certificate.revoked":
      return quiet(`${news.by} revoked ${credentialOf(news)}`, [["Reason", news.reason]]);
    case "session.cut":
    case "recording.failed":
      return sessionStory(news);
    case "lock.set":
    case "lock.lifted": {
      const { kind, name } = news.subject;
      const verb = news.type === "lock.set" ? "locked" : "unlocked";
      const what = kind === "serial" ? `certificate ${name}` : `${kind} ${name}`;
      return quiet(`${news.by} ${verb} ${what}`, [["Reason", news.reason]]);
    }
    case "redaction.asked":
    case "redaction.approved":
    case "redaction.denied":
    case "redaction.lapsed":
    case "recording.redacted":
    case "recording.rewrapped":
    case "recording.unsealed":
      return editStory(news, bastion);
    case "witness.refused":
      return witnessStory(news, bastion);
    default:
      return keepStory(news, bastion);
  }
}

type NewsOf<T extends News["type"]> = Extract<News, { type: T }>;

function madeStory({ request, approvers }: NewsOf<"request.made">, bastion: string): Story {
  const { id, identity, durationMs, reason, ticket, fromMs, needs, lapsesAtMs } = request;
  const span = formatDuration(durationMs);
  const headline =
    request.extends === undefined
      ? `${identity} asks to be ${placesOf(request)} for ${span}`
      : `${identity} asks for ${span} more of grant ${request.extends}: ${placesOf(request)}`;
  const waits = waitsForApproval(request);
  const decide = [
    ["Needs", needs.kind === "automatic" ? "" : quorumsText(needs.quorums, needs.kind === "any-of")],
    ["Can approve", namesText(approvers)],
    ["Lapses", timeText(lapsesAtMs)],
  ] as const;
  const details: Detail[] = [
    ...given("Reason", reason === "" ? undefined : reason),
    ...given("Ticket", ticket),
    ...given("Not before", fromMs === undefined ? undefined : timeText(fromMs)),
    ...(waits ? decide : []),
    ["Role", request.role],
    ["Request", id],
  ];
  const commands = waits ? decideLines(request, bastion) : [];
  return { headline, details, commands, isLoud: false };
}

function approvedStory(news: NewsOf<"request.approved">, bastion: string): Story {
  const { request, by, missing, comment, durationMs, signed, presence } = news;
  const isAny = request.needs.kind === "any-of";
  const how = signed ? (presence ? "signed with a touched hardware key" : "signed") : "without a signature";
  const details: Detail[] = [
    ...given("Comment", comment),
    ...given("For", durationMs === undefined ? undefined : formatDuration(durationMs)),
    ["Approval", how],
    ...given("Still missing", missing.length === 0 ? undefined : quorumsText(missing, isAny)),
  ];
  const commands = missing.length === 0 ? [] : decideLines(request, bastion);
  return { headline: `${by} approved request ${whatOf(request)}`, details, commands, isLoud: false };
}

function issuedStory(news: NewsOf<"grant.issued" | "grant.break-glass">, bastion: string): Story {
  const { grant, by } = news;
  const { id, role, reason, ticket, approvers, how, fromMs, untilMs } = grant;
  const basis: Detail[] = [
    ...given("Reason", reason === "" ? undefined : reason),
    ...given("Ticket", ticket),
  ];
  const names: Detail[] = [
    ["Role", role],
    ["Grant", id],
  ];
  const revoke = `ssh ${bastion} revoke ${id} --reason "…"`;
  if (news.type === "grant.break-glass") {
    return {
      headline: `BREAK-GLASS: ${scopeOf(grant)} until ${timeText(untilMs)}, without approval`,
      details: [...basis, ["To be reviewed by", reviewText(news.reviewers)], ...names],
      commands: [`ssh ${bastion} review ${id} --comment "…"`, revoke],
      isLoud: true,
    };
  }
  const giver =
    how === "automatic"
      ? "automatically, as the role says"
      : how === undefined
        ? `by ${by}, of their own accord`
        : `approved by ${namesText(approvers)}`;
  return {
    headline: `${scopeOf(grant)} until ${timeText(untilMs)}`,
    details: [["Given", giver], ...basis, ["From", timeText(fromMs)], ...names],
    commands: [],
    isLoud: false,
  };
}

function reviewText(reviewers: readonly string[]): string {
  return reviewers.length === 0
    ? "nobody in the policy can: an admin must see to it"
    : `one of ${namesText(reviewers)}, when it is over`;
}

function credentialOf({ identity, serial, fingerprint }: NewsOf<"certificate.revoked">): string {
  if (serial === undefined) return `the key ${fingerprint ?? ""}`;
  return `certificate ${serial}${identity === undefined ? "" : ` of ${identity}`}`;
}

const CUT_TEXTS: Readonly<Record<CutReason, string>> = {
  "grant-ended": "its grant ended",
  "grant-revoked": "its grant was revoked",
  "certificate-revoked": "its certificate was revoked",
  locked: "it was locked",
  "policy-changed": "the policy no longer allows it",
  killed: "it was killed",
  "recording-failed": "it could no longer be recorded",
  "disk-full": "the bastion's disk is full",
  "control-lost": "the bastion lost track of it",
  shutdown: "the bastion is being stopped",
};

function sessionStory(news: NewsOf<"session.cut" | "recording.failed">): Story {
  const { identity, login, target, session, clientAddress, grant } = news.session;
  const who = `${identity} as ${login} on ${target}`;
  const where: Detail[] = [
    ["Session", session],
    ["Grant", grant],
    ["From address", clientAddress],
  ];
  if (news.type === "recording.failed") {
    const details: Detail[] = [["Fault", `${news.code}: ${news.detail}`], ...where];
    return { headline: `RECORDER FAILED: session of ${who}`, details, commands: [], isLoud: true };
  }
  return {
    headline: `Session of ${who} was cut: ${CUT_TEXTS[news.reason]}`,
    details: [["By", news.by], ...where],
    commands: [],
    isLoud: news.reason === "recording-failed" || news.reason === "disk-full",
  };
}

function quiet(headline: string, details: readonly Detail[] = []): Story {
  return { headline, details, commands: [], isLoud: false };
}

/** Whether others have to agree before it is granted. */
export function waitsForApproval({ needs, breakGlass }: AccessRequest): boolean {
  return needs.kind !== "automatic" && !breakGlass;
}

/** The line that approves exactly this request, and proves it. */
export function approveLine(request: AccessRequest, bastion: string): string {
  return `ssh ${approvalUser(request)}@${bastion}`;
}

function decideLines(request: AccessRequest, bastion: string): readonly string[] {
  return [approveLine(request, bastion), `ssh ${bastion} deny ${request.id} --reason "…"`];
}

function given(label: string, value: string | undefined): readonly Detail[] {
  return value === undefined ? [] : [[label, value]];
}

/** `postgres on prod-db-1, prod-db-2` */
function placesOf({ logins, targets }: Pick<Grant, "logins" | "targets">): string {
  return `${logins.join(" or ")} on ${targets.join(", ")}`;
}

function scopeOf(grant: Grant): string {
  return `${grant.identity} may be ${placesOf(grant)}`;
}

function whatOf(request: AccessRequest): string {
  return `${request.id} of ${request.identity} (${placesOf(request)})`;
}

function quorumsText(quorums: readonly Quorum[], isAny: boolean): string {
  const texts = quorums.map(({ count, from }) => `${count} of ${from.join(" or ")}`);
  return texts.join(isAny ? ", or " : ", and ");
}

function namesText(names: readonly string[]): string {
  if (names.length === 0) return "nobody";
  const more = names.length - NAMES_MAX;
  return names.slice(0, NAMES_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
