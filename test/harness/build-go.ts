import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { UnpackError } from "./debian-packages.js";
import { goPlaces } from "./wanted-programs.js";

/**
 * Builds one Go program of a single file, by Go's compiler and linker themselves: against the standard library as Debian
 * built it, in less than a second, without its sources, a network or a cache. `unpacked` is where Go's packages are.
 *
 * @throws {UnpackError} when it does not compile
 */
export function buildGoProgram(source: string, into: string, unpacked: string): void {
  const root = join(unpacked, goPlaces.root);
  const tools = join(root, "pkg/tool", `linux_${{ x64: "amd64" }[process.arch as string] ?? process.arch}`);
  const built = join(unpacked, "built");
  const compile = (name: string, files: readonly string[]): string => {
    const archive = join(built, `${name}.a`);
    mkdirSync(dirname(archive), { recursive: true });
    run(
      join(tools, "compile"),
      ["-p", name, "-complete", "-pack", "-I", built, "-o", archive, ...files],
      root,
    );
    return archive;
  };
  for (const name of goPlaces.imports) {
    const folder = join(unpacked, goPlaces.sources, name);
    const files = readdirSync(folder).filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"));
    compile(
      name,
      files.map((file) => join(folder, file)),
    );
  }
  run(join(tools, "link"), ["-s", "-w", "-L", built, "-o", into, compile("main", [source])], root);
}

function run(program: string, args: readonly string[], root: string): void {
  const { status, stdout, stderr } = spawnSync(program, args, {
    env: { GOROOT: root, CGO_ENABLED: "0" },
    encoding: "utf8",
  });
  if (status !== 0) throw new UnpackError(`${program} failed: ${stdout || stderr || "it did not start"}`);
}
