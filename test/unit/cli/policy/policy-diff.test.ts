import assert from "node:assert/strict";
import { compareAccess } from "../../../../src/cli/policy/compare-access.js";
import { comparePeople } from "../../../../src/cli/policy/compare-people.js";
import { diffText } from "../../../../src/cli/policy/policy-diff.js";
import { termsOf } from "../../../../src/cli/policy/terms.js";
import { policyOf, policyText } from "./sample.js";

/** The report, without its last line. */
function diff(change: (text: string) => string, targets = 2): readonly string[] {
  const text = policyText(targets);
  const changed = change(text);
  assert.notEqual(changed, text);
  const policies = { before: policyOf(text), after: policyOf(changed) };
  const access = compareAccess(policies, (role) => JSON.stringify(termsOf(role)));
  return diffText(access, comparePeople(policies)).trimEnd().split("\n").slice(0, -1);
}

const SUMMARY = "Accesses (identity, target, login): ";

describe("cli/policy/policy-diff", () => {
  it("names people, targets and logins that gain the same in one line, and what they gain", () => {
    assert.deepEqual(
      diff((text) => text.replace("logins: [postgres]", "logins: [postgres, ubuntu]")),
      [
        "+ alice, dave gain ubuntu on db-1, db-2",
        "    + role db: maxDuration 1h; approvals 1 of approvers; channels exec sftp shell; ticket ^INC-\\d+$; from 10.0.0.0/8",
      ],
    );
  });

  it("says what was lost, and by whom", () => {
    assert.deepEqual(
      diff((text) => text.replace("dave: { groups: [engineers]", "dave: { groups: [retired]")).slice(0, 5),
      [
        "- dave loses postgres on db-1",
        "    - role db: maxDuration 1h; approvals 1 of approvers; channels exec sftp shell; ticket ^INC-\\d+$; from 10.0.0.0/8",
        "    - role db-at-home: maxDuration 10m; approvals 1 of approvers, signed; channels shell; from 192.168.0.0/16; breakGlass allowed",
        "- dave loses postgres on db-2",
        "    - role db: maxDuration 1h; approvals 1 of approvers; channels exec sftp shell; ticket ^INC-\\d+$; from 10.0.0.0/8",
      ],
    );
  });

  const terms: readonly [name: string, from: string, to: string, said: string][] = [
    ["duration", "maxDuration: 1h", "maxDuration: 2h", "maxDuration 1h → 2h"],
    [
      "approvals",
      "approvals: { count: 1, from: [approvers] }",
      "approvals: automatic",
      "approvals 1 of approvers → nobody has to approve",
    ],
    ["ticket", "    ticket: '^INC-\\d+$'\n", "", "ticket ^INC-\\d+$ → none"],
    [
      "source",
      "sourceAddresses: [10.0.0.0/8]",
      "sourceAddresses: [10.1.0.0/16]",
      "from 10.0.0.0/8 → 10.1.0.0/16",
    ],
    ["break-glass", "breakGlass: forbidden", "breakGlass: allowed", "breakGlass forbidden → allowed"],
    ["channels", "    breakGlass: forbidden", "    channels: [shell]", "channels exec sftp shell → shell"],
  ];
  for (const [name, from, to, said] of terms) {
    it(`says how the terms changed: ${name}`, () => {
      const lines = diff((text) => text.replace(from, to));
      assert.deepEqual(lines.slice(0, 2), [
        "~ alice, dave keep postgres on db-1, db-2, on other terms",
        `    ~ role db: ${said}`,
      ]);
    });
  }

  it("says who has other keys, and who approves that did not", () => {
    const lines = diff((text) =>
      text.replace(
        "alice: { groups: [engineers], keys: [key-alice]",
        "alice: { groups: [engineers, approvers], keys: [key-new]",
      ),
    );
    assert.deepEqual(lines, [
      "Keys, approvers, admins and auditors:",
      "  alice",
      "    + key SHA256:key-new",
      "    + may approve db",
      "    + may approve db-at-home",
      "    - key SHA256:key-alice",
    ]);
  });

  it("stays readable, and quick, with a thousand targets", () => {
    const lines = diff((text) => text.replace("maxDuration: 1h", "maxDuration: 30m"), 1000);
    assert.deepEqual(lines, [
      "~ alice, dave keep postgres on db-1, db-10, db-100, db-1000 and 996 more, on other terms",
      "    ~ role db: maxDuration 1h → 30m",
    ]);
  });

  it("says that nothing differs, and counts what does", () => {
    const same = { before: policyOf(policyText()), after: policyOf(`# a comment\n${policyText()}`) };
    assert.equal(
      diffText(
        compareAccess(same, (role) => JSON.stringify(termsOf(role))),
        comparePeople(same),
      ),
      "Nobody gains or loses anything.\n",
    );
    const more = { before: same.before, after: policyOf(policyText(5)) };
    const text = diffText(
      compareAccess(more, () => ""),
      [],
    );
    assert.ok(text.includes(`${SUMMARY}6 gained, 0 lost, 0 with other terms.`), text);
  });
});
