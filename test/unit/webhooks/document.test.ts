import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { NEWS_TYPES } from "../../../src/webhooks/news.js";
import { signatureHeaders } from "../../../src/webhooks/signature.js";
import { standardBody } from "../../../src/webhooks/standard-body.js";
import { notice, SECRET } from "./sample.js";

type Verify = (secret: string, headers: object, body: string) => { type: string };

describe("docs/webhooks.md", () => {
  const document = readFileSync("docs/webhooks.md", "utf8");

  it("names every type of news", () => {
    assert.deepEqual(
      NEWS_TYPES.filter((type) => !document.includes(`\`${type}\``)),
      [],
    );
  });

  it("has an example that accepts what we send, and nothing else", async () => {
    const source = /```js\n([\s\S]*?)```/.exec(document)?.[1] ?? "";
    const { verify } = (await import(`data:text/javascript,${encodeURIComponent(source)}`)) as {
      verify: Verify;
    };
    const body = standardBody(notice());
    const headers = signatureHeaders(SECRET, "msg_7", Date.now(), body);
    assert.equal(verify(SECRET, headers, body).type, "grant.issued");
    assert.throws(() => verify(SECRET, headers, `${body} `), /not signed/);
    assert.throws(() => verify(SECRET, { ...headers, "webhook-timestamp": "0" }, body), /too old/);
  });
});
