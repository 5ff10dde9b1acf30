import type { Notice } from "./news.js";
import { storyOf, type Story } from "./story.js";

/** Slack's limits: characters of a header, of a field, of a section's text (Block Kit reference). */
const HEADER_CHARS_MAX = 150;
const FIELD_CHARS_MAX = 2000;
const SECTION_CHARS_MAX = 3000;
const FIELDS_MAX = 10;

const ALARM = "\u{1f6a8}";

/**
 * What an incoming webhook of Slack takes: `text` for notifications, and blocks. Undefined for what concerns nobody: a
 * request that waits for no one, since the grant's own message follows at once.
 *
 * attacker-controlled: reasons, comments and details. They stand only in `plain_text`, where Slack formats nothing and parses no
 * mention or link, escaped all the same; `mrkdwn` has nothing but the lines to paste. There is no button: an approval is an
 * ssh login.
 */
export function slackBody(notice: Notice): string | undefined {
  const { news } = notice;
  if (news.type === "request.made" && (news.request.breakGlass || news.request.needs.kind === "automatic"))
    return undefined;
  const story = storyOf(notice);
  const mark = story.isLoud ? `${ALARM} ` : "";
  const blocks = [
    { type: "header", text: plain(`${mark}${story.headline}`, HEADER_CHARS_MAX) },
    ...(story.details.length > 0 ? [{ type: "section", fields: fieldsOf(story) }] : []),
    ...story.commands.map((command) => ({ type: "section", text: pasted(command) })),
    {
      type: "context",
      elements: [plain(`${notice.bastion}, ledger entry ${notice.entry}`, FIELD_CHARS_MAX)],
    },
  ];
  const text = textOf(story, mark);
  return JSON.stringify({ text, mrkdwn: false, blocks });
}

/** For where blocks are not shown. */
function textOf({ headline, details, commands }: Story, mark: string): string {
  const told = [`${mark}${headline}`, ...details.map(([label, value]) => `${label}: ${value}`)].join("\n");
  const lines = commands.map((command) => `\n${escaped(command, FIELD_CHARS_MAX, false)}`).join("");
  return escaped(told, SECTION_CHARS_MAX - lines.length) + lines;
}

function fieldsOf({ details }: Story): readonly object[] {
  return details.slice(0, FIELDS_MAX).map(([label, value]) => plain(`${label}: ${value}`, FIELD_CHARS_MAX));
}

function plain(text: string, charsMax: number): object {
  return { type: "plain_text", text: escaped(text, charsMax), emoji: false };
}

/** Our own line, in backticks and verbatim, so that it can be copied as it stands. */
function pasted(command: string): object {
  return { type: "mrkdwn", text: `\`${escaped(command, FIELD_CHARS_MAX, false)}\``, verbatim: true };
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Takes the meaning from an `@` before a word, for services that take Slack's format and look for mentions in any text. */
const ZERO_WIDTH_SPACE = "\u200b";

/**
 * The three characters that Slack parses as entities, and no mention; cut to `charsMax` as it then is, between
 * characters.
 */
function escaped(text: string, charsMax: number, unmention = true): string {
  let result = "";
  for (const character of text) {
    const next = ENTITIES[character] ?? (unmention && character === "@" ? `@${ZERO_WIDTH_SPACE}` : character);
    if (result.length + next.length > charsMax - 1) return `${result}…`;
    result += next;
  }
  return result;
}
