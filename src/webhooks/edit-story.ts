import type { EditNews } from "./news.js";

/** As a story is told; `story.ts` says what each is for. */
interface Told {
  readonly headline: string;
  readonly details: readonly (readonly [label: string, value: string])[];
  readonly commands: readonly string[];
  readonly isLoud: boolean;
}

/** News of changed recordings in words. */
export function editStory(news: EditNews, bastion: string): Told {
  switch (news.type) {
    case "redaction.asked": {
      const { redaction, askedBy, approvers } = news;
      const decide = [`ssh ${bastion} approve ${redaction}`, `ssh ${bastion} deny ${redaction} --reason "…"`];
      const who = approvers.length === 0 ? "nobody" : approvers.join(", ");
      return story(
        `${askedBy} asks to destroy ${whatOf(news)}`,
        redactionDetails(news, ["Can approve", who]),
        decide,
      );
    }
    case "redaction.approved":
      return story(`${news.by} approved that ${whatOf(news)} be destroyed`, redactionDetails(news));
    case "redaction.denied": {
      const details = redactionDetails(news, ["Denied because", news.denial]);
      return story(`${news.by} denied that ${whatOf(news)} be destroyed`, details);
    }
    case "redaction.lapsed":
      return story(`Nobody decided in time whether to destroy ${whatOf(news)}`, redactionDetails(news));
    case "recording.redacted": {
      const details = redactionDetails(news, ["Approved by", news.approvedBy]);
      return story(`Destroyed: ${whatOf(news)}`, details);
    }
    case "recording.rewrapped": {
      const { by, session, recipients, apartRecipients = [] } = news;
      return story(`${by} changed who can open the recording of ${session}`, [
        ["Can open it", recipients.join(", ")],
        ["And what was typed unseen", apartRecipients.join(", ") || "nobody"],
      ]);
    }
    case "recording.unsealed": {
      const { by, session, for: auditor, recipient, reason } = news;
      const headline = `${by} lets ${auditor} see what was typed in ${session}, passwords too`;
      return story(headline, [
        ["Reason", reason],
        ["Key", recipient],
      ]);
    }
  }
}

type RedactionNews = Exclude<EditNews, { readonly type: "recording.rewrapped" | "recording.unsealed" }>;

function whatOf({ session, blocks: [from, to] }: RedactionNews): string {
  return `${from === to ? `block ${from}` : `blocks ${from} to ${to}`} of ${session}`;
}

function redactionDetails(
  { reason, askedBy, redaction }: RedactionNews,
  ...more: Told["details"]
): Told["details"] {
  return [["Reason", reason], ["Asked by", askedBy], ...more, ["Redaction", redaction]];
}

function story(headline: string, details: Told["details"], commands: readonly string[] = []): Told {
  return { headline, details, commands, isLoud: false };
}
