import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { release, type PackageSet } from "./wanted-programs.js";

/** Why a set could not be unpacked; the message names what to install. */
export class UnpackError extends Error {
  override readonly name = "UnpackError";
}

const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/**
 * Unpacks Debian packages into folders of their own, `alone` into the one of that name without what they depend on: no
 * root, no package installed, no state of the system's apt touched. The mirror is the one that the system's apt is set to,
 * the lists and archives are kept below `work`.
 *
 * @throws {UnpackError} where there is no apt, no Debian mirror, or a package cannot be had
 */
export function unpackPackages(
  sets: readonly PackageSet[],
  alone: Readonly<Record<string, readonly string[]>>,
  toolsRoot: string,
): void {
  const wanted = sets.map((set) => `${set.packages.join(" ")} (OpenSSH ${set.name})`).join("; ");
  if (spawnSync("apt-get", ["--version"]).status !== 0) {
    throw new UnpackError(`there is no apt-get here. The tests need these programs: ${wanted}`);
  }
  const work = join(toolsRoot, ".apt");
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, "sources.list"), sourcesOf(systemMirrors()));
  apt(work, ["update"], "the package lists");
  for (const set of sets) {
    const archives = join(work, `archives-${set.name}`);
    mkdirSync(join(archives, "partial"), { recursive: true });
    writeFileSync(join(work, "preferences"), pinOf(set));
    const here = ["-o", `Dir::Cache::archives=${archives}`];
    const install = ["--yes", "--download-only", "--no-install-recommends", "--allow-downgrades", "install"];
    apt(work, [...here, ...install, ...set.packages], set.packages.join(" "));
    apt(work, [...here, "download", ...set.alone], set.alone.join(" "), archives);
    unpack(archives, join(toolsRoot, set.name));
  }
  for (const [name, packages] of Object.entries(alone)) {
    const archives = join(work, `archives-${name}`);
    mkdirSync(archives);
    apt(work, ["download", ...packages], packages.join(" "), archives);
    unpack(archives, join(toolsRoot, name));
  }
  rmSync(work, { recursive: true });
}

interface Mirror {
  readonly uri: string;
  readonly isSecurity: boolean;
}

/** Asks apt itself, so that every form of sources file is understood. */
function systemMirrors(): Mirror[] {
  const format = "$(REPO_URI) $(RELEASE) $(COMPONENT)";
  const { stdout } = spawnSync("apt-get", ["indextargets", "Created-By: Packages", "--format", format], {
    encoding: "utf8",
  });
  const debian = /^(\S+) (?:stable|oldstable|oldoldstable|testing|unstable|sid|[a-z]+)(-security)? main$/;
  const mirrors = stdout.split("\n").flatMap((line) => {
    const [, uri, security] = debian.exec(line) ?? [];
    return uri === undefined ? [] : [{ uri, isSecurity: security !== undefined }];
  });
  if (mirrors.length === 0)
    throw new UnpackError("apt here knows no Debian mirror: the tests need Debian's packages");
  return mirrors;
}

function sourcesOf(mirrors: readonly Mirror[]): string {
  const options = existsSync(keyring) ? `[signed-by=${keyring}] ` : "";
  const lines = mirrors.flatMap(({ uri, isSecurity }) =>
    (isSecurity ? [`${release}-security`] : [release, `${release}-backports`]).map(
      (suite) => `deb ${options}${uri} ${suite} main\n`,
    ),
  );
  return [...new Set(lines)].join("");
}

/** Above 1000: this version even where the system has a newer one. */
function pinOf(set: PackageSet): string {
  return `Package: openssh-*\nPin: version ${set.opensshPin}\nPin-Priority: 1001\n`;
}

function apt(work: string, args: readonly string[], what: string, cwd = work): void {
  const at = (path: string) => resolve(work, path);
  const options = {
    "Dir::Etc::SourceList": at("sources.list"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": at("preferences"),
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State::Lists": at("lists"),
    "Dir::Cache": at("cache"),
    "Acquire::Retries": "3",
    "Debug::NoLocking": "1",
    "APT::Sandbox::User": "root",
    "APT::Update::Post-Invoke-Success::": "",
  };
  for (const folder of ["lists/partial", "cache"]) mkdirSync(at(folder), { recursive: true });
  const given = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const { status, stderr } = spawnSync("apt-get", ["-qq", ...given, ...args], { cwd, encoding: "utf8" });
  if (status !== 0) throw new UnpackError(`apt-get could not fetch ${what}:\n${stderr.trim()}`);
}

function unpack(archives: string, into: string): void {
  rmSync(into, { recursive: true, force: true });
  mkdirSync(into, { recursive: true });
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) {
    const { status, stderr } = spawnSync("dpkg", ["-x", join(archives, name), into], { encoding: "utf8" });
    if (status !== 0) throw new UnpackError(`dpkg -x ${name} failed: ${stderr.trim()}`);
  }
}
