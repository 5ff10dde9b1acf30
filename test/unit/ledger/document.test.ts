import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { ACCESS_EVENT_TYPES } from "../../../src/access/index.js";
import { ENTRY_BYTES_MAX } from "../../../src/ledger/index.js";
import { NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX } from "../../../src/ledger/note/note.js";
import { EXTRA_BYTES_MAX } from "../../../src/ledger/proof/tlog-proof.js";

const page = readFileSync(resolve("docs/formats/ledger-v1.md"), "utf8");
const vector = (path: string): Buffer => readFileSync(resolve("test/vectors/ledger/v1/ledger", path));
const block = (name: string): string =>
  new RegExp(`\`\`\`${name}\n([^\`]*)\`\`\``, "u").exec(page)?.[1] ?? "";
const sha256 = (...parts: Uint8Array[]): Buffer => createHash("sha256").update(Buffer.concat(parts)).digest();

/** By its heading, the fields that the page gives an event or an object, `name` or `name?`. */
function documented(): Map<string, string[]> {
  const sections = page.matchAll(/^#### (?<heading>\S+)\n(?<body>(?:(?!#).*\n)+)/gmu);
  return new Map(
    [...sections].map(({ groups }) => {
      const fields = /^Fields: (.*)$/mu.exec(groups?.["body"] ?? "")?.[1] ?? "";
      const names = [...` ${withoutParentheses(fields)}`.matchAll(/`(\w+\??)`/gu)].map(
        ([, name]) => name ?? "",
      );
      return [groups?.["heading"] ?? "", names.sort()];
    }),
  );
}

function withoutParentheses(text: string): string {
  return text.replaceAll(/\([^()]*\)/gu, "");
}

interface Declared {
  readonly bases: readonly string[];
  readonly fields: readonly string[];
  /** What `type` must be, where it is one text. */
  readonly type: string | undefined;
}

/** Every interface of the room, by name, from its sources: types are gone when it runs. */
function declaredIn(folder: string): Map<string, Declared> {
  const found = new Map<string, Declared>();
  for (const name of readdirSync(folder)) {
    const source = ts.createSourceFile(
      name,
      readFileSync(join(folder, name), "utf8"),
      ts.ScriptTarget.Latest,
    );
    for (const statement of source.statements) {
      if (!ts.isInterfaceDeclaration(statement)) continue;
      const bases = (statement.heritageClauses ?? []).flatMap(({ types }) =>
        types.map(({ expression }) => expression.getText(source)),
      );
      const members = statement.members.filter(ts.isPropertySignature);
      const type = members.find((member) => member.name.getText(source) === "type")?.type?.getText(source);
      found.set(statement.name.text, {
        bases,
        fields: members.map(
          (member) => `${member.name.getText(source)}${member.questionToken === undefined ? "" : "?"}`,
        ),
        type: /^"(.*)"$/u.exec(type ?? "")?.[1],
      });
    }
  }
  return found;
}

const declared = declaredIn(resolve("src/access"));
const fieldsOf = (name: string): string[] => {
  const { bases, fields } = declared.get(name) ?? { bases: [], fields: [] };
  return [...bases.flatMap(fieldsOf), ...fields].filter((field) => field !== "type").sort();
};

describe("ledger/document", () => {
  const sections = documented();

  it("has a section for every type of event there is, and for no other", () => {
    const headings = [...sections.keys()].filter((heading) => heading.includes("."));
    assert.deepEqual(headings.sort(), [...ACCESS_EVENT_TYPES].sort());
  });

  it("names every field of every event, and no other", () => {
    const byType = [...declared].flatMap(([name, { type }]) => (type?.includes(".") ? [{ name, type }] : []));
    assert.deepEqual(byType.map(({ type }) => type).sort(), [...ACCESS_EVENT_TYPES].sort());
    for (const { name, type } of byType) assert.deepEqual(sections.get(type), fieldsOf(name), type);
  });

  for (const [heading, name] of [
    ["Request", "AccessRequest"],
    ["Approvals", "PeoplesApproval"],
    ["Quorum", "Quorum"],
    ["Evidence", "ApprovalEvidence"],
    ["Grant", "Grant"],
    ["Retention", "Retention"],
    ["Torn", "TornTail"],
  ] as const) {
    it(`names every field of ${name}, and no other`, () =>
      assert.deepEqual(sections.get(heading), fieldsOf(name)));
  }

  it("names the fields of a head, and what the end adds", () => {
    assert.deepEqual(sections.get("Head"), [...fieldsOf("RecordingHead"), "torn?"].sort());
  });

  it("has the limits that hold", () => {
    const limits = [ENTRY_BYTES_MAX, NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX, EXTRA_BYTES_MAX];
    for (const limit of limits)
      assert.match(page, new RegExp(`at most ${limit.toLocaleString("en")}\\b`, "u"));
  });

  it("has the vector's first entries, hashed as it says, without this room's code", () => {
    const lines = block("example").trimEnd().split("\n");
    const example = new Map(
      lines.map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]),
    );
    const text = (name: string): Buffer => Buffer.from(example.get(name) ?? "");
    const bytes = (name: string): Buffer => Buffer.from((example.get(name) ?? "").replaceAll(" ", ""), "hex");
    const bundle = vector("tile/entries/000");
    const entry = text("entry 0");
    assert.equal(bundle.readUInt16BE(), entry.length);
    assert.deepEqual(bundle.subarray(2, 2 + entry.length), entry);
    assert.deepEqual(bundle.subarray(4 + entry.length).subarray(0, text("entry 1").length), text("entry 1"));
    assert.deepEqual(bundle.subarray(0, bytes("bundle").length), bytes("bundle"));
    assert.deepEqual(sha256(Buffer.of(0), entry), bytes("leaf 0"));
    assert.deepEqual(sha256(Buffer.of(0), text("entry 1")), bytes("leaf 1"));
    assert.deepEqual(vector("tile/0/000").subarray(0, 64), Buffer.concat([bytes("leaf 0"), bytes("leaf 1")]));
    assert.deepEqual(sha256(Buffer.of(1), bytes("leaf 0"), bytes("leaf 1")), bytes("root"));
  });

  it("has the vector's witnessed checkpoint and verifier keys as they are", () => {
    assert.equal(block("checkpoint"), vector("checkpoint.witnessed").toString());
    assert.equal(block("verifiers"), vector("verifiers").toString());
  });
});
