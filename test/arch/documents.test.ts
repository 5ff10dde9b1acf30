import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const documents = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...filesBelow("docs").filter((path) => path.endsWith(".md")),
];

describe("arch/documents", () => {
  for (const document of documents)
    it(`${document} links only to what is there`, () => {
      const links = [...readFileSync(document, "utf8").matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)];
      const gone = links
        .map(([, link = ""]) => link)
        .filter((link) => !existsSync(join(dirname(document), link)));
      assert.deepEqual(gone, []);
    });

  it("the threat model names only tests that there are", () => {
    const tests = filesBelow("test").filter((path) => path.endsWith(".test.ts"));
    const text = readFileSync("docs/THREAT_MODEL.md", "utf8");
    const named = [...text.matchAll(/`((?:unit|interop|e2e|crash)\/[^`]+)`/g)].map(([, name = ""]) => name);
    assert.ok(named.length > 20, "the table is read");
    assert.deepEqual(
      named.filter((name) => !tests.some((path) => matches(path, `test/${name}`))),
      [],
    );
  });
});

/** `named` is a test without its ending, a folder of tests, or the beginning of several up to `*`. */
function matches(path: string, named: string): boolean {
  if (named.endsWith("*")) return path.startsWith(named.slice(0, -1));
  return path === `${named}.test.ts` || path.startsWith(`${named}/`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).map((path) => join(folder, path));
}
