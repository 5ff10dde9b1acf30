import assert from "node:assert/strict";
import { approvalUser } from "../../../src/access/index.js";
import type { News } from "../../../src/webhooks/news.js";
import { slackBody } from "../../../src/webhooks/slack-body.js";
import { fromAny, grant, stateOf, grantIssued, certificateIssued, sessionStarted } from "../access/sample.js";
import { notice, request } from "./sample.js";

interface TextObject {
  readonly type: string;
  readonly text: string;
  readonly verbatim?: boolean;
}
interface Block {
  readonly type: string;
  readonly text?: TextObject;
  readonly fields?: readonly TextObject[];
  readonly elements?: readonly TextObject[];
}
interface Message {
  readonly text: string;
  readonly mrkdwn: boolean;
  readonly blocks: readonly Block[];
}

const made = (changes = {}): News => ({
  type: "request.made",
  request: request(changes),
  approvers: ["bob"],
});

function messageOf(news: News): Message {
  const body = slackBody(notice(news));
  assert.ok(body, "there is a message");
  return JSON.parse(body) as Message;
}

function textsOf({ blocks }: Message): readonly TextObject[] {
  return blocks.flatMap(({ text, fields = [], elements = [] }) => [
    ...(text ? [text] : []),
    ...fields,
    ...elements,
  ]);
}

const session = stateOf(grantIssued(), certificateIssued(), sessionStarted()).sessions.values().next().value!;

describe("webhooks/slack-body", () => {
  it("says who asks for what and why, and has the line to paste", () => {
    const message = messageOf(made());
    assert.equal(message.blocks[0]?.text?.text, "alice asks to be postgres on prod-db-1 for 30m");
    const texts = textsOf(message).map(({ text }) => text);
    assert.ok(texts.includes("Reason: INC-42 replication stuck"));
    assert.ok(texts.includes("Needs: 1 of approvers"));
    assert.ok(texts.includes("Can approve: bob"));
    assert.ok(texts.includes(`\`ssh ${approvalUser(request())}@bastion\``));
    assert.ok(
      message.text.includes(`\nssh ${approvalUser(request())}@bastion\n`),
      "it can be pasted from there too",
    );
    assert.match(message.text, /^alice asks to be .*\nReason: INC-42 replication stuck\n/);
  });

  it("has no button, nor anything else to click", () => {
    const kinds = messageOf(made()).blocks.flatMap(({ type, elements = [] }) => [
      type,
      ...elements.map((element) => element.type),
    ]);
    assert.deepEqual(new Set(kinds), new Set(["header", "section", "context", "plain_text"]));
  });

  for (const [row, reason, shown] of [
    ["a mention of everybody", "<!channel> look", "&lt;!channel&gt; look"],
    [
      "a link that says another thing",
      "<https://evil.example|runbook>",
      "&lt;https://evil.example|runbook&gt;",
    ],
    ["an entity", "a &lt;b", "a &amp;lt;b"],
    ["a mention by name", "@here and @channel", "@\u200bhere and @\u200bchannel"],
    ["marks of formatting", "*bold* `ssh evil`", "*bold* `ssh evil`"],
  ] as const) {
    it(`makes nothing of ${row} in a reason`, () => {
      const message = messageOf(made({ reason }));
      const field = textsOf(message).find(({ text }) => text.startsWith("Reason: "));
      assert.deepEqual([field?.type, field?.text], ["plain_text", `Reason: ${shown}`]);
      assert.ok(message.text.includes(shown));
      assert.equal(message.mrkdwn, false);
    });
  }

  it("puts into formatted text nothing that a person wrote", () => {
    const evil = "`*<!here>_~ & @channel";
    const all: readonly News[] = [
      made({ reason: evil, ticket: evil }),
      {
        type: "request.approved",
        request: request({ needs: fromAny(2, "x"), reason: evil }),
        by: "bob",
        comment: evil,
        signed: true,
        presence: false,
        missing: [{ count: 1, from: ["x"] }],
      },
      { type: "grant.break-glass", grant: grant({ reason: evil }), by: "alice", reviewers: ["bob"] },
      { type: "recording.failed", session, code: "recording-failed", detail: evil },
      { type: "lock.set", subject: { kind: "identity", name: "alice" }, by: "bob", reason: evil },
    ];
    for (const news of all) {
      const message = messageOf(news);
      for (const { type, text, verbatim } of textsOf(message)) {
        assert.ok(!text.includes("<"), text);
        if (type !== "mrkdwn") continue;
        assert.match(text, /^`ssh [^`*<>&]+`$/);
        assert.equal(verbatim, true);
      }
    }
  });

  it("is loud about break-glass, with who must look at it", () => {
    const message = messageOf({
      type: "grant.break-glass",
      grant: grant(),
      by: "alice",
      reviewers: ["bob", "carol"],
    });
    assert.match(
      message.blocks[0]?.text?.text ?? "",
      /^\u{1f6a8} BREAK-GLASS: alice may be postgres on prod-db-1/u,
    );
    const texts = textsOf(message).map(({ text }) => text);
    assert.ok(texts.includes("To be reviewed by: one of bob, carol, when it is over"));
    assert.ok(texts.includes(`\`ssh bastion review ${grant().id} --comment "…"\``));
  });

  for (const [row, news] of [
    ["a failed recorder", { type: "recording.failed", session, code: "recording-failed", detail: "ENOSPC" }],
    [
      "a witness that saw another history",
      { type: "witness.refused", witness: "elsewhere", code: "fork", size: 7 },
    ],
    [
      "the cut that follows",
      { type: "session.cut", session, reason: "recording-failed", by: "bastion@local" },
    ],
  ] as const) {
    it(`is loud about ${row}`, () => assert.ok(messageOf(news).text.startsWith("\u{1f6a8}")));
  }

  it("says nothing of a request that nobody is waited for: the grant's message follows", () => {
    assert.equal(slackBody(notice(made({ breakGlass: true }))), undefined);
    assert.equal(slackBody(notice(made({ needs: { kind: "automatic" } }))), undefined);
  });

  it("keeps within Slack's limits, whatever is asked for", () => {
    const names = Array.from({ length: 16 }, (_, n) => `${"target-".repeat(8)}${n}`);
    const message = messageOf(
      made({ targets: names, logins: names, reason: "<".repeat(1000), ticket: "&".repeat(1000), fromMs: 1 }),
    );
    assert.ok((message.blocks[0]?.text?.text.length ?? 0) <= 150);
    assert.ok(message.blocks.every(({ fields = [] }) => fields.length <= 10));
    assert.ok(textsOf(message).every(({ text }) => text.length > 0 && text.length <= 2000));
    assert.ok(message.text.length <= 3000);
    assert.match(textsOf(message)[1]?.text ?? "", /^Reason: (&lt;)+…$/, "no half of an entity");
  });
});
