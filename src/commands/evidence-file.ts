import { join } from "node:path";
import type { SessionId, SessionState } from "../access/index.js";
import type { Control } from "../control/index.js";
import { CommandError } from "./command-error.js";
import { mayRun, type Caller } from "./define.js";
import { verify } from "./verify.js";

const LEDGER_FILE =
  /^ledger\/(?:checkpoint(?:\.witnessed)?|verifiers|policy\/[0-9a-f]{64}\.json|tile\/(?:entries|\d+)\/(?:x\d{3}\/)*\d{3}(?:\.p\/\d+)?)$/u;
const RECORDING = /^(recordings|archive)\/(?:[\w-]+\/)*(ses-[0-9a-z]+)\.bsr$/u;

/**
 * Where the file lies that a path of evidence means, such as `ledger/checkpoint`; undefined when it is none. That somebody reads
 * a recording is in the ledger by then. Throws CommandError `notPermitted` for whoever may not verify.
 */
export async function evidenceFile(
  control: Control,
  caller: Caller,
  path: string,
): Promise<string | undefined> {
  if (!mayRun(verify, caller)) throw new CommandError("notPermitted", "evidence is for auditors only");
  if (LEDGER_FILE.test(path)) return join(control.paths.home, path);
  const [, folder, name] = RECORDING.exec(path) ?? [];
  // attacker-controlled: a name that no session has is none
  const session = control.state.sessions.get(name as SessionId);
  const file = session && recordingFile(control, folder, path, session);
  if (session !== undefined && file !== undefined)
    await control.recordings.noteReading(session.session, caller.name, "verify");
  return file;
}

/** The path must be the very one that the ledger names. */
function recordingFile(
  { config: { recordings, archive } }: Control,
  folder: string | undefined,
  path: string,
  { recording, archived }: SessionState,
): string | undefined {
  if (folder === "recordings" && path === `recordings/${recording}`) return join(recordings, recording);
  const isArchived = folder === "archive" && archive !== undefined && path === `archive/${archived?.path}`;
  return isArchived && archived !== undefined ? join(archive, archived.path) : undefined;
}
