import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

/** One source of this project, as its structure is seen from outside. */
export interface SourceFile {
  /** From the project's root, such as `src/proxy/relay.ts`. */
  readonly path: string;
  /** Its room; undefined outside of src/ and for src/main.ts. */
  readonly room: string | undefined;
  readonly lines: number;
  /** Paths of this project's files that it imports in any way, a type only included. */
  readonly imports: readonly string[];
  /** Names of packages and of Node's modules (`node:fs`) that it imports. */
  readonly packages: readonly string[];
  /** Paths and names of those that are loaded with it: no types, and nothing that is imported when it is needed. */
  readonly loads: readonly string[];
  readonly syntax: ts.SourceFile;
}

/** All TypeScript sources below these folders; a folder that does not exist has none. */
export function sourceFiles(...folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) => typescriptFiles(folder)).map((path) => readSource(path));
}

function typescriptFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !path.startsWith("."))
    .map((path) => `${folder}/${path}`)
    .sort();
}

function readSource(path: string): SourceFile {
  const text = readFileSync(path, "utf8");
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const specifiers = importSpecifiers(syntax);
  return {
    path,
    room: roomOf(path),
    lines: text.split("\n").length - 1,
    imports: specifiers.filter((name) => name.startsWith(".")).map((name) => importedFile(path, name)),
    packages: specifiers.filter((name) => !name.startsWith(".")).map(packageOf),
    loads: loadedSpecifiers(syntax).map((name) =>
      name.startsWith(".") ? importedFile(path, name) : packageOf(name),
    ),
    syntax,
  };
}

/** The folder of src/ that a path lies in. */
export function roomOf(path: string): string | undefined {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** What stands in `import`, `export … from`, `import()`, `import type` inside of a type, and `require()`. */
function importSpecifiers(syntax: ts.SourceFile): string[] {
  const found: string[] = [];
  const isTest = syntax.fileName.startsWith("test/"); // tests run programs that they take out of documents
  const look = (node: ts.Node): void => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && !(isTest && !ts.isStringLiteralLike(specifier)))
      found.push(literal(specifier));
    ts.forEachChild(node, look);
  };
  look(syntax);
  return found;
}

/** `import { type X }` is loaded as well: `verbatimModuleSyntax` leaves it as it is. */
function loadedSpecifiers(syntax: ts.SourceFile): string[] {
  return syntax.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement))
      return statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        ? []
        : [literal(statement.moduleSpecifier)];
    if (!ts.isExportDeclaration(statement) || statement.isTypeOnly) return [];
    return statement.moduleSpecifier === undefined ? [] : [literal(statement.moduleSpecifier)];
  });
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const isRequire = ts.isIdentifier(expression) && expression.text === "require";
  return isRequire || expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments[0] : undefined;
}

function literal(node: ts.Node): string {
  if (ts.isStringLiteralLike(node)) return node.text;
  throw new Error(
    `${node.getSourceFile().fileName}: import by a name that is worked out at run time: write it out`,
  );
}

function importedFile(from: string, specifier: string): string {
  return normalize(join(dirname(from), specifier)).replace(/\.js$/, ".ts");
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}
