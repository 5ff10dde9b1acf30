import assert from "node:assert/strict";
import {
  askableTargets,
  coversTarget,
  mayIssue,
  type Instead,
  type IssueAsk,
  type IssueDenial,
  type Role,
} from "../../../src/access/index.js";
import { policy, role } from "./sample.js";

const ask: IssueAsk = {
  identity: "alice",
  target: "prod-db-1",
  login: "postgres",
  durationMs: 1_800_000,
  reason: "INC-42 replication stuck",
};

describe("access/may-issue", () => {
  it("gives what a role gives", () => {
    const verdict = mayIssue(policy(), ask);
    assert.equal(verdict.ok && verdict.role.name, "db-oncall");
    assert.deepEqual(verdict.ok && verdict.channels, ["shell", "exec", "local-forward"]);
  });

  it("gives the longest that a role allows, and no millisecond more", () => {
    assert.equal(mayIssue(policy(), { ...ask, durationMs: 3_600_000 }).ok, true);
    assert.equal(mayIssue(policy(), { ...ask, durationMs: 3_600_001 }).ok, false);
  });

  it("finds a ticket apart, or as a word of the reason", () => {
    const withTicket = policy([role({ ticket: /^INC-\d+$/gu })]);
    for (const fitting of [ask, { ...ask, reason: "stuck", ticket: "INC-7" }, ask]) {
      assert.equal(mayIssue(withTicket, fitting).ok, true);
    }
  });

  it("asks no reason where none is required", () => {
    assert.equal(mayIssue(policy([role({ reason: "optional" })]), { ...ask, reason: "" }).ok, true);
  });

  const easier = role({ name: "easier", approvals: { kind: "automatic" } });
  const wider = role({ name: "wider", channels: ["shell", "exec", "sftp", "agent"] });
  const choices: readonly [name: string, roles: readonly Role[], asked: Partial<IssueAsk>, chosen: string][] =
    [
      ["fewest-approvals", [role(), easier, wider], {}, "easier"],
      ["then-most-channels", [role(), wider], {}, "wider"],
      ["then-first-by-name", [role({ name: "b" }), role({ name: "a" })], {}, "a"],
      ["the-one-asked-for", [role(), easier], { role: "db-oncall" }, "db-oncall"],
      [
        "one-that-allows-it",
        [easier, role({ maxDurationMs: 7_200_000 })],
        { durationMs: 7_200_000 },
        "db-oncall",
      ],
    ];
  for (const [name, roles, asked, chosen] of choices) {
    it(`chooses ${name}`, () => {
      const verdict = mayIssue(policy(roles), { ...ask, ...asked });
      assert.equal(verdict.ok && verdict.role.name, chosen);
    });
  }

  const denials: readonly [
    reason: IssueDenial,
    asked: Partial<IssueAsk>,
    roles: readonly Role[],
    instead: Instead,
  ][] = [
    ["unknown-identity", { identity: "mallory" }, [role()], {}],
    ["unknown-target", { target: "prod-db-2" }, [role()], { targets: ["prod-db-1"] }],
    ["unknown-role", { role: "root" }, [role()], { roles: ["db-oncall"] }],
    ["bad-duration", { durationMs: 0 }, [role()], {}],
    ["bad-duration", { durationMs: NaN }, [role()], {}],
    ["not-in-group", { identity: "bob" }, [role()], { targets: [], groups: ["engineers"] }],
    ["not-in-group", {}, [], { targets: [] }],
    ["target-not-covered", { target: "prod-web-1" }, [role()], { targets: ["prod-db-1"] }],
    ["login-not-allowed", { login: "ubuntu" }, [role()], { logins: ["postgres"] }],
    [
      "login-not-allowed",
      { login: "root" },
      [role({ logins: ["root", "postgres"] })],
      { logins: ["postgres"] },
    ],
    [
      "duration-too-long",
      { durationMs: 9e6 },
      [role(), role({ name: "long", maxDurationMs: 8e6 })],
      { maxDurationMs: 8e6 },
    ],
    ["reason-missing", { reason: "  " }, [role()], {}],
    [
      "ticket-missing",
      { reason: "stuck" },
      [role({ ticket: /^INC-\d+$/u })],
      { ticket: String.raw`^INC-\d+$` },
    ],
    [
      "ticket-missing",
      { ticket: "INC" },
      [role({ ticket: /^INC-\d+$/u })],
      { ticket: String.raw`^INC-\d+$` },
    ],
  ];
  for (const [reason, asked, roles, instead] of denials) {
    it(`denies ${JSON.stringify(asked)}: ${reason}, and says what could be asked`, () => {
      const verdict = mayIssue(policy(roles), { ...ask, ...asked });
      assert.deepEqual(verdict.ok ? "ok" : [verdict.reason, verdict.instead], [reason, instead]);
    });
  }

  it("wants every label to match, and takes no labels for no target", () => {
    const target = { name: "prod-db-1", labels: { env: "prod", team: "db" }, logins: [] };
    const covers = (labels: Record<string, string>) => coversTarget({ by: "labels", labels }, target);
    assert.equal(covers({ env: "prod" }), true);
    assert.equal(covers({ env: "prod", team: "web" }), false);
    assert.equal(covers({ env: "prod", zone: "a" }), false);
    assert.equal(covers({ constructor: "a" }), false);
    assert.equal(covers({}), false);
  });

  it("lists what somebody may ask for", () => {
    const wide = role({
      name: "wide",
      targets: { by: "names", globs: ["*"] },
      logins: ["www-data", "ubuntu"],
    });
    const given = policy([role(), wide]);
    assert.deepEqual(
      askableTargets(given, given.identities.get("alice")!),
      new Map([
        ["prod-db-1", ["postgres", "ubuntu"]],
        ["prod-web-1", ["www-data"]],
      ]),
    );
    assert.equal(askableTargets(given, given.identities.get("bob")!).size, 0);
  });
});
