import { relative, resolve } from "node:path";
import { formatHostPort } from "../../wording/index.js";
import { homePaths } from "../../home/index.js";
import { answers } from "../../control/index.js";
import { EXIT } from "../../commands/index.js";
import { CliError } from "../cli-error.js";
import { DEFAULT_HOME } from "../find-home.js";
import { askRunning } from "../run-shared.js";
import { startServing, stopSignals } from "../serve/serve.js";
import { ensureCertificate } from "./demo-certificate.js";
import { DEMO_LOGINS, DEMO_TARGET, demoFiles, writeSshConfigs, type DemoFiles } from "./demo-files.js";
import { openDemoHome } from "./demo-home.js";

/** Where the embedded default listens; the port stands in its configuration afterwards. */
const LISTEN = "127.0.0.1:2222";
/** A working day. */
const CERTIFICATE_SPAN = "8h";

/**
 * What `npm start` runs: the bastion with everything made that is missing, the built-in target beside it, and lines to
 * paste into another terminal. What it made stays for the next start.
 */
export async function start(say: (line: string) => void): Promise<number> {
  const asked = stopSignals();
  const home = resolve(DEFAULT_HOME);
  if (await answers(homePaths(home).controlSocket))
    throw new CliError(
      EXIT.failed,
      `a bastion is running in ./${DEFAULT_HOME} already`,
      "use it (npx bascule sessions), or stop it where it was started",
    );
  const { configPath, paths, target } = await openDemoHome({
    home,
    listen: LISTEN,
    recordings: "../recordings",
  });
  try {
    const { listen, supervisor } = await startServing(configPath);
    process.on("SIGHUP", () => supervisor.reload());
    try {
      const files = demoFiles(paths);
      if (target !== undefined) await prepareClient(files, home, listen.port);
      for (const line of welcome(files, formatHostPort(listen), target !== undefined)) say(line);
      await asked;
      say("bascule: stopping");
    } finally {
      await supervisor.stop();
    }
  } finally {
    await target?.close();
  }
  return EXIT.done;
}

async function prepareClient(files: DemoFiles, home: string, port: number): Promise<void> {
  const { json } = await askRunning("ca show", {}, { home });
  writeSshConfigs(files, port, (json as { knownHosts: string }).knownHosts);
  await ensureCertificate(files, home, CERTIFICATE_SPAN);
}

function welcome(files: DemoFiles, listen: string, hasTarget: boolean): readonly string[] {
  return [
    `bascule: serving on ${listen}; stop with Ctrl-C (state stays in ./${DEFAULT_HOME}, recordings in ./recordings)`,
    "",
    "Paste into another terminal, in this folder:",
    ...[...(hasTarget ? accessLines(files) : []), ...recordLines()].flatMap(([line, what]) => [
      "",
      `  # ${what}`,
      `  ${line}`,
    ]),
  ];
}

/** How alice gets in: to what she has already, and to what bob must agree to. */
function accessLines(files: DemoFiles): readonly (readonly [string, string])[] {
  const here = (path: string) => relative(process.cwd(), path);
  const [alice, bob] = [`ssh -F ${here(files.sshConfigs.alice)}`, `ssh -F ${here(files.sshConfigs.bob)}`];
  const login = `${DEMO_LOGINS[1]}@${DEMO_TARGET}`;
  const ask = `request ${DEMO_TARGET} --as ${DEMO_LOGINS[1]} --for 30m --reason "INC-42 replication stuck"`;
  const newest = `$(${bob} bastion requests --json | node -pe 'JSON.parse(fs.readFileSync(0)).at(-1).id')`;
  return [
    [`${alice} ${DEMO_TARGET}`, "alice: a shell on the built-in target, recorded"],
    [`${alice} -J bastion ${login}`, "not yet hers: it says what to ask for"],
    [`${alice} bastion ${ask}`, "she asks"],
    [`${bob} bastion requests`, "bob sees it, with a line to paste that signs"],
    [`${bob} bastion approve "${newest}"`, "or he approves it like this"],
    [`${alice} bastion cert > ${here(files.aliceCertificate)}`, "her certificate, for all that she holds"],
    [`${alice} -J bastion ${login}`, "now it is hers, for 30 minutes"],
    [`${alice} bastion`, "her menu"],
  ];
}

function recordLines(): readonly (readonly [string, string])[] {
  const newest = "$(npx bascule sessions --json | node -pe 'JSON.parse(fs.readFileSync(0)).at(-1).session')";
  return [
    ["npx bascule sessions", "who was where"],
    [`npx bascule replay "${newest}"`, "what they saw"],
    ["npx bascule --help", "everything else"],
  ];
}
