import assert from "node:assert/strict";
import { parseConfig } from "../../../src/config/index.js";
import { bytesOf, mistakeLines, parsers, sample, sections } from "./sample.js";

const ISSUER = "https://token.actions.githubusercontent.com";
const CLAIMS = "{ repository: org/app }";

/** A robot with one workload, on line 4; `second` is another robot's, on line 5. */
function robots(issuer = ISSUER, claims = CLAIMS, second = ""): string {
  const robot = (name: string, of: string, what: string): string =>
    `\n  ${name}: { oidc: [{ issuer: "${of}", audience: bascule, claims: ${what} }] }`;
  const other = second === "" ? "" : robot("other", ISSUER, second);
  return sample({ identities: sections.identities + robot("robot", issuer, claims) + other });
}

const AT = "4 identities.robot.oidc[0]";
const ISSUER_WRONG = `${AT}.issuer: expected an issuer's URL`;
const rows: readonly [name: string, text: string, mistake: string][] = [
  ["http-issuer", robots("http://issuer.example"), ISSUER_WRONG],
  ["issuer-with-user", robots("https://me@issuer.example"), ISSUER_WRONG],
  ["issuer-with-query", robots("https://issuer.example/?a"), ISSUER_WRONG],
  ["issuer-by-another-scheme", robots("file:///etc/passwd"), ISSUER_WRONG],
  ["loopback-look-alike", robots("http://127.0.0.1.example.net"), ISSUER_WRONG],
  ["no-claim", robots(ISSUER, "{}"), `${AT}.claims: expected at least one claim`],
  [
    "claim-with-own-setting",
    robots(ISSUER, "{ aud: a }"),
    `${AT}.claims.aud: expected a claim's name other than`,
  ],
  ["claim-no-text", robots(ISSUER, "{ admin: true }"), `${AT}.claims.admin: expected a text`],
  [
    "same-for-two",
    robots(ISSUER, CLAIMS, CLAIMS),
    "5 identities.other.oidc[0].claims: one token could be this identity and identities.robot",
  ],
  [
    "one-narrower",
    robots(ISSUER, CLAIMS, "{ repository: org/app, ref: refs/heads/main }"),
    "5 identities.other.oidc[0].claims: one token could be",
  ],
  [
    "nothing-in-common",
    robots(ISSUER, CLAIMS, "{ ref: main }"),
    "5 identities.other.oidc[0].claims: one token could be",
  ],
];

describe("config/workload-schema", () => {
  it("reads a workload", () => {
    const { policy } = parseConfig(bytesOf(robots()), "/etc/b.yaml", parsers);
    assert.deepEqual(policy.identities.get("robot")?.workloads, [
      { issuer: ISSUER, audience: "bascule", claims: { repository: "org/app" } },
    ]);
  });

  for (const [name, text] of [
    ["an issuer on this machine", robots("http://127.0.0.1:4444/oidc")],
    ["two workloads that a claim tells apart", robots(ISSUER, CLAIMS, "{ repository: org/other }")],
  ] as const) {
    it(`takes ${name}`, () => assert.deepEqual(mistakeLines(text), []));
  }

  for (const [name, text, mistake] of rows) {
    it(`refuses ${name}`, () => {
      const found = mistakeLines(text);
      assert.deepEqual(
        found.map((line) => line.slice(0, mistake.length)),
        [mistake],
      );
    });
  }
});
