import assert from "node:assert/strict";
import { basename } from "node:path";
import ts from "typescript";
import { pureRooms } from "./rooms.js";
import { sourceFiles } from "./source-file.js";

const sources = sourceFiles("src");
const everything = [...sources, ...sourceFiles("test", "bench")];
const roomNames = [...new Set(sources.flatMap(({ room }) => room ?? []))];

const linesMax = 400;
/** A name for what has no concept of its own. */
const emptyName = /^(.*-)?(utils?|helpers?|common|misc|types|managers?)\.ts$/;
/** Modules that reach outside; a pure room gets what it needs as an argument. */
const outside =
  /^node:(fs|child_process|cluster|dgram|http2?|https|readline|timers|tls|worker_threads|process)$/;
/** Clocks and randomness, as they are written. */
const impure = new Set(["Date.now", "performance.now", "Math.random", "process.env", "process.hrtime"]);

describe("arch/layout", () => {
  it(`keeps files to ${linesMax} lines`, () => {
    const long = everything.filter(({ lines }) => lines > linesMax);
    assert.deepEqual(
      long.map(({ path, lines }) => `${path}: ${lines} lines; find the second concept in it`),
      [],
    );
  });

  it("names files for the thing that they hold", () => {
    const named = everything.filter(({ path }) => emptyName.test(basename(path)));
    assert.deepEqual(
      named.map(({ path }) => `${path}: name it for the thing that it holds`),
      [],
    );
  });

  for (const room of roomNames) {
    describe(room, () => {
      const index = sources.find(({ path }) => path === `src/${room}/index.ts`);

      it("opens with what it is for and what it must never do", () => {
        assert.ok(index, `src/${room}/index.ts is missing: a room opens with its purpose and its face`);
        const [comment] = /^\/\*\*\n( \*.*\n)+ \*\/\n/.exec(index.syntax.text) ?? [];
        assert.ok(comment, `src/${room}/index.ts begins with a doc comment`);
        assert.match(comment, /\bnever\b/, "it says what the room must never do");
        const lines = comment.split("\n").length;
        assert.ok(lines >= 5 && lines <= 20, `it has 5 to 20 lines, not ${lines}`);
      });

      it("has nothing in its index but its face", () => {
        const others =
          index?.syntax.statements.filter((statement) => !ts.isExportDeclaration(statement)) ?? [];
        assert.deepEqual(
          others.map((statement) => `${statement.getText().slice(0, 60)}…: into a file of its own`),
          [],
        );
      });
    });
  }

  for (const room of pureRooms.filter((name) => roomNames.includes(name))) {
    it(`keeps ${room} pure`, () => {
      const faults = sources
        .filter((source) => source.room === room)
        .flatMap(({ path, packages, syntax }) => [
          ...packages.filter((name) => outside.test(name)).map((name) => `${path} imports ${name}`),
          ...impureUses(syntax).map((use) => `${path} uses ${use}: take it as an argument`),
        ]);
      assert.deepEqual(faults, []);
    });
  }

  it("sees what is not pure", () => {
    const text = "const a = Date.now(), b = new Date(), c = new Date(a), d = Math.random();";
    const syntax = ts.createSourceFile("x.ts", text, ts.ScriptTarget.Latest, true);
    assert.deepEqual(impureUses(syntax), ["Date.now", "new Date()", "Math.random"]);
  });
});

function impureUses(syntax: ts.SourceFile): string[] {
  const found: string[] = [];
  const look = (node: ts.Node): void => {
    const isNow =
      ts.isNewExpression(node) && node.expression.getText() === "Date" && node.arguments?.length === 0;
    if (isNow) found.push("new Date()");
    if (ts.isPropertyAccessExpression(node) && impure.has(node.getText())) found.push(node.getText());
    ts.forEachChild(node, look);
  };
  look(syntax);
  return found;
}
