// bootstrap: what npm's scripts run before anything is installed or built.
//
// Plain JavaScript with nothing but Node's own modules, because on a fresh clone there is nothing else. It checks the
// Node version, installs, builds, and hands over. When all is up to date it prints nothing and costs a few file stats.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, chmodSync, constants, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { constants as systemConstants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const program = "dist/src/main.js";
const builtStamp = "dist/.built";

/** What each npm script hands over to, with the arguments that come before the user's own. */
const handOver = {
  start: [program, "start"],
  demo: [program, "demo"],
  bench: ["dist/bench/main.js"],
};

const [command = "", ...rest] = process.argv.slice(2);
process.chdir(root);
checkNode();
if (command === "mark-executable") {
  chmodSync(program, 0o755);
} else if (command in handOver) {
  prepare();
  await run([...handOver[command], ...rest]);
} else if (command === "test") {
  prepare();
  step(
    [process.execPath, "dist/test/harness/unpack-tools.js"],
    "the programs that the tests need are not there",
  );
  await run(["node_modules/mocha/bin/mocha.js", ...mochaArguments(rest)]);
} else {
  fail(`unknown command «${command}»: start, test, demo, bench or mark-executable`);
}

function prepare() {
  install();
  build();
}

function fail(line) {
  process.stderr.write(`bascule: ${line}\n`);
  process.exit(1);
}

/** Refuses a Node that `engines` does not name: `^20.19.0 || ^22.12.0 || >=24` and the like. */
function checkNode() {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
  const have = process.versions.node.split(".").map(Number);
  const fits = engines.node.split("||").some((range) => {
    const [, operator, version] =
      /^\s*(\^|>=)([\d.]+)\s*$/.exec(range) ?? fail(`engines.node: cannot read ${range}`);
    const want = version.split(".").map(Number);
    if (operator === "^" && have[0] !== want[0]) return false;
    const different = want.findIndex((part, index) => part !== have[index]);
    return different === -1 || have[different] > want[different];
  });
  if (!fits) fail(`Node ${process.versions.node} does not do: one of ${engines.node} is needed`);
}

function install() {
  const installed = "node_modules/.package-lock.json";
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync("package-lock.json").mtimeMs) return;
  // node-pty comes as source on Linux.
  const missing = [
    ["python3", process.env.PYTHON ?? "python3"],
    ["make", process.env.MAKE ?? "make"],
    ["g++", process.env.CXX?.split(" ")[0] ?? "g++"],
  ].filter(([, name]) => !isExecutable(name));
  if (missing.length > 0) {
    const names = missing.map(([name]) => name).join(" ");
    fail(`building node-pty needs ${names}; on Debian: apt-get install python3 make g++`);
  }
  process.stderr.write("bascule: installing packages (this once, about a minute) …\n");
  const npm = process.env.npm_execpath?.endsWith(".js")
    ? [process.execPath, process.env.npm_execpath]
    : ["npm"];
  step([...npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], "`npm ci` failed; its reason is above");
}

function isExecutable(name) {
  const places = name.includes("/") ? [""] : (process.env.PATH ?? "").split(delimiter);
  return places.some((place) => {
    try {
      accessSync(join(place, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Compiles with tsc unless nothing has changed since the last build that succeeded. */
function build() {
  const sources = ["src", "test", "bench"].flatMap(typescriptFiles);
  const digest = createHash("sha256");
  for (const file of [...sources, "tsconfig.json", "node_modules/.package-lock.json"]) {
    const { size, mtimeMs } = statSync(file);
    digest.update(`${file} ${size} ${mtimeMs}\n`);
  }
  const stamp = digest.digest("hex");
  if (existsSync(program) && existsSync(builtStamp) && readFileSync(builtStamp, "utf8") === stamp) return;
  rmSync(builtStamp, { force: true });
  const compiler = [process.execPath, "node_modules/typescript/bin/tsc", "-p", "."];
  // A dist/ that somebody emptied by half must not be taken for built.
  if (!existsSync(program)) rmSync("dist/.tsbuildinfo", { force: true });
  step(compiler, "the sources do not compile; the reasons are above");
  removeOrphans(new Set(sources.map((file) => `dist/${file.slice(0, -3)}.js`)));
  mkdirSync("dist", { recursive: true });
  if (existsSync(program)) chmodSync(program, 0o755);
  writeFileSync(builtStamp, stamp);
}

/** Deletes what was compiled from a source that is gone: an old test would still run. */
function removeOrphans(wanted) {
  for (const file of ["dist/src", "dist/test", "dist/bench"].flatMap((place) => filesBelow(place))) {
    if (!wanted.has(file.replace(/\.map$/, ""))) rmSync(file);
  }
}

function typescriptFiles(place) {
  return filesBelow(place).filter((file) => file.endsWith(".ts"));
}

function filesBelow(place) {
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith("."))
    .flatMap((entry) => {
      const path = `${place}/${entry.name}`;
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
}

/** `npm test -- test/unit/x.test.ts` runs that file alone; without a file all of them run. */
function mochaArguments(given) {
  const isFile = (argument) => /^(dist\/)?test\/.*[jt]s$/.test(argument);
  const compiled = given.map((argument) =>
    isFile(argument) ? argument.replace(/^(dist\/)?/, "dist/").replace(/\.ts$/, ".js") : argument,
  );
  const files = given.some(isFile) ? [] : ["dist/test/**/*.test.js"];
  // The hooks close what a test opened and look for what it leaked.
  const ours = ["--require", "dist/test/harness/hooks.js", "--reporter", "test/harness/reporter.cjs"];
  // Most of the time tests wait for processes. Three at a time, whatever the cores: more would only wait for each other.
  if (files.length > 0) ours.push("--parallel", "--jobs", "3");
  return [...ours, ...(process.env.CI ? ["--forbid-pending"] : []), ...compiled, ...files];
}

/** Runs a step to its end, its output to stderr; leaves with `line` when it fails. */
function step([file, ...args], line) {
  const { status, error } = spawnSync(file, args, { stdio: ["ignore", 2, 2] });
  if (status !== 0) fail(error === undefined ? line : `${line} (${error.message})`);
}

/** Runs a Node program in our place: its terminal, its signals, its exit status. */
async function run(args) {
  const child = spawn(process.execPath, ["--enable-source-maps", ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    // A terminal's Ctrl-C reaches the whole foreground group: passed on, the program would see it twice.
    process.on(signal, () => (signal === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  const [status, signal] = await new Promise((resolve) => child.on("exit", (...how) => resolve(how)));
  process.exitCode = status ?? 128 + systemConstants.signals[signal];
}
