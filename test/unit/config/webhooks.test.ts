import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig } from "../../../src/config/index.js";
import { bytesOf, mistakeLines, parsers, sample } from "./sample.js";

const SECRET = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const webhook = (text: string): string => sample({ more: `webhooks:\n  siem: { ${text} }` });
const URL = "url: https://siem.example/in";

const rows: readonly [name: string, text: string, mistake: string][] = [
  ["no-secret", URL, "19 webhooks.siem: expected secret or secretFile"],
  [
    "both-secrets",
    `${URL}, secret: ${SECRET}, secretFile: a`,
    "19 webhooks.siem.secretFile: expected secret or",
  ],
  ["short-secret", `${URL}, secret: whsec_AAAA`, "19 webhooks.siem.secret: expected a secret: whsec_"],
  [
    "not-base64",
    `${URL}, secret: "whsec_${"A".repeat(33)}"`,
    "19 webhooks.siem.secret: expected a secret: whsec_",
  ],
  ["http-elsewhere", `url: http://siem.example, secret: ${SECRET}`, "19 webhooks.siem.url: expected a URL"],
  [
    "slack-secret",
    `${URL}, format: slack, secret: ${SECRET}`,
    "19 webhooks.siem.secret: Slack checks no signature",
  ],
  [
    "format",
    `${URL}, format: teams, secret: ${SECRET}`,
    "19 webhooks.siem.format: expected standard or slack",
  ],
  ["no-events", `${URL}, secret: ${SECRET}, events: []`, "19 webhooks.siem.events: expected at least one"],
];

describe("config/webhooks", () => {
  it("reads receivers, with every event by default", () => {
    const text = sample({
      more: `webhooks:\n  siem: { ${URL}, secret: ${SECRET} }\n  chat: { url: "http://127.0.0.1:1/x", format: slack, events: ["request.*"] }`,
    });
    const { webhooks } = parseConfig(bytesOf(text), "/etc/b.yaml", parsers);
    assert.deepEqual(
      [...webhooks.values()],
      [
        { name: "siem", url: "https://siem.example/in", format: "standard", events: ["*"], secret: SECRET },
        { name: "chat", url: "http://127.0.0.1:1/x", format: "slack", events: ["request.*"] },
      ],
    );
  });

  for (const [name, text, mistake] of rows) {
    it(`refuses ${name}`, () => {
      const found = mistakeLines(webhook(text));
      assert.deepEqual(
        found.map((line) => line.slice(0, mistake.length)),
        [mistake],
      );
    });
  }

  describe("a secret in a file", () => {
    const folder = mkdtempSync(join(tmpdir(), "bascule-secret-"));
    after(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "siem.secret");
    const text = webhook(`${URL}, secretFile: ${path}`);
    const keep = (content: string, mode: number): void => {
      writeFileSync(path, content);
      chmodSync(path, mode);
    };

    it("is read where only its owner can", () => {
      keep(`${SECRET}\n`, 0o600);
      const { webhooks } = parseConfig(bytesOf(text), "/etc/b.yaml", parsers);
      assert.equal(webhooks.get("siem")?.secret, SECRET);
    });

    for (const [name, content, mode, mistake] of [
      ["others could read", SECRET, 0o640, "others can read or write this file"],
      ["holds something else", "hunter2", 0o600, "expected the file to hold a secret"],
    ] as const) {
      it(`is refused when it ${name}`, () => {
        keep(content, mode);
        assert.match(mistakeLines(text)[0] ?? "", new RegExp(`^19 webhooks.siem.secretFile: ${mistake}`));
      });
    }

    it("is refused when it is not there, and passed over by who reads a policy only", () => {
      rmSync(path);
      assert.deepEqual(mistakeLines(text), ["19 webhooks.siem.secretFile: the file cannot be read"]);
      assert.deepEqual(mistakeLines(text, { ...parsers, secretFile: () => undefined }), []);
    });
  });
});
