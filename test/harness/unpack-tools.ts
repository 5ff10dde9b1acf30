import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";
import { buildGoProgram } from "./build-go.js";
import { UnpackError, unpackPackages } from "./debian-packages.js";
import { toolsRoot, type ToolPaths } from "./tools.js";
import {
  goPackages,
  goPlaces,
  goPrograms,
  libraries,
  opensshParts,
  packageSets,
  programs,
  release,
} from "./wanted-programs.js";

/**
 * The set-up step of `npm test`: every program that a test starts is in `test/.tools/bin` afterwards, as a small script
 * which finds that program's own libraries. A second run sees its stamp and does nothing.
 */
const stamp = createHash("sha256")
  .update(
    JSON.stringify([
      ...[toolsRoot, release, packageSets, programs, libraries, opensshParts, wrapper.toString()],
      ...[goPackages, goPlaces, Object.values(goPrograms).map((source) => readFileSync(source, "utf8"))],
    ]),
  )
  .digest("hex");
const pathsFile = join(toolsRoot, "paths.json");
const systemPlaces = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin"];
const libraryFolder = `${{ x64: "x86_64", arm64: "aarch64" }[process.arch as string] ?? process.arch}-linux-gnu`;

if (!isUpToDate()) {
  try {
    process.stderr.write("bascule: unpacking the programs that the tests use (this once) …\n");
    rmSync(toolsRoot, { recursive: true, force: true });
    unpackPackages(packageSets, { go: goPackages }, toolsRoot);
    writeFileSync(pathsFile, JSON.stringify(writeWrappers(), null, 2));
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    process.stderr.write(`bascule: ${error.message}\n`);
    process.exitCode = 1;
  }
}

function isUpToDate(): boolean {
  if (!existsSync(pathsFile)) return false;
  const paths = JSON.parse(readFileSync(pathsFile, "utf8")) as ToolPaths;
  return paths.stamp === stamp && Object.values(paths.unwrapped).every((path) => existsSync(path));
}

function writeWrappers(): ToolPaths {
  mkdirSync(join(toolsRoot, "bin"));
  const paths: ToolPaths = { stamp, tools: {}, unwrapped: {} };
  const add = (name: string, file: string, script: string) => {
    const path = join(toolsRoot, "bin", name);
    writeFileSync(path, script);
    chmodSync(path, 0o755);
    paths.tools[name] = path;
    paths.unwrapped[name] = file;
  };
  for (const { name: version } of packageSets) {
    for (const part of Object.values(opensshParts)) {
      const name = `${part.slice(part.lastIndexOf("/") + 1)}-${version}`;
      const file = findFile(version, part);
      add(name, file, wrapper(version, file));
    }
    const skDummy = findFile(version, "usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so");
    paths.tools[`sk-dummy-${version}`] = paths.unwrapped[`sk-dummy-${version}`] = skDummy;
  }
  for (const name of programs) {
    const file = findFile("9.2", `usr/bin/${name}`, `usr/sbin/${name}`);
    add(name, file, wrapper("9.2", file));
  }
  for (const [name, source] of Object.entries(goPrograms)) {
    const path = join(toolsRoot, "bin", name);
    buildGoProgram(source, path, join(toolsRoot, "go"));
    paths.tools[name] = paths.unwrapped[name] = path;
  }
  rmSync(join(toolsRoot, "go"), { recursive: true }); // a third of a gigabyte
  for (const [name, place] of Object.entries(libraries)) {
    paths.tools[name] = paths.unwrapped[name] = findFile("9.2", `usr/lib/${libraryFolder}/${place}`);
  }
  return paths;
}

/** Where a program is: unpacked, or the system's own where that was already the wanted version. */
function findFile(set: string, ...places: string[]): string {
  const name = places[0]?.slice(places[0].lastIndexOf("/") + 1) ?? "";
  const candidates = [
    ...places.map((place) => join(toolsRoot, set, place)),
    ...places.map((place) => join("/", place)),
    ...systemPlaces.map((place) => join(place, name)),
  ];
  const found = candidates.find((path) => isReadable(path));
  if (found === undefined)
    throw new UnpackError(`${name} is neither in Debian's packages nor on this system`);
  return found;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** A script that starts `file` with the libraries and helpers that were unpacked beside it. */
function wrapper(set: string, file: string): string {
  const root = join(toolsRoot, set);
  const isUnpacked = file.startsWith(root);
  const lines = ["#!/bin/sh"];
  const extra: string[] = [];
  if (isUnpacked) {
    // The first set has the libraries of both: what one of them brought, the other found in place.
    const libraryPath = [...new Set([root, join(toolsRoot, "9.2")])]
      .flatMap((place) => [
        `${place}/usr/lib/${libraryFolder}`,
        `${place}/lib/${libraryFolder}`,
        `${place}/usr/lib`,
      ])
      .filter((place) => existsSync(place))
      .join(":");
    const helpers = `${root}/usr/lib/openssh`;
    lines.push(`export LD_LIBRARY_PATH='${libraryPath}'"\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"`);
    lines.push(
      `export SSH_SK_HELPER='${helpers}/ssh-sk-helper' SSH_PKCS11_HELPER='${helpers}/ssh-pkcs11-helper'`,
    );
  }
  // These two start `/usr/bin/ssh` unless they are told otherwise.
  if (/\/(scp|sftp)$/.test(file)) extra.push("-S", join(toolsRoot, "bin", `ssh-${set}`));
  if (/\/(asciinema|python3|ssh-audit)$/.test(file)) {
    lines.push(`export PYTHONPATH='${root}/usr/lib/python3/dist-packages'`);
    lines.push("unset PYTHONHOME");
  }
  if (file.endsWith("/faketime") && isUnpacked) {
    lines.push(
      `export LD_PRELOAD='${join(root, "usr/lib", libraryFolder, libraries.libfaketime)}' FAKETIME="$1"`,
    );
    lines.push("shift", 'exec "$@"');
  } else if (/\/(asciinema|ssh-audit)$/.test(file)) {
    lines.push(`exec '${join(toolsRoot, "bin/python3")}' '${file}' "$@"`);
  } else {
    lines.push(`exec ${[file, ...extra].map((word) => `'${word}'`).join(" ")} "$@"`);
  }
  return `${lines.join("\n")}\n`;
}
