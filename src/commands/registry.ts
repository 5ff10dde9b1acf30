import { caShow } from "./ca-show.js";
import { certIssue } from "./cert-issue.js";
import { config } from "./config.js";
import type { Command } from "./define.js";
import { doctor } from "./doctor.js";
import { grants } from "./grants.js";
import { kill } from "./kill.js";
import { krl } from "./krl.js";
import { exportRecording, replay, watch } from "./read-recording.js";
import { revoke } from "./revoke.js";
import { sessions } from "./sessions.js";
import { show } from "./show.js";
import { targets } from "./targets.js";
import { verify } from "./verify.js";
import { whoami } from "./whoami.js";

/** Every command there is, in the order of help. */
export const commands: readonly Command[] = [
  ...[whoami, targets, grants, sessions, show],
  ...[certIssue, revoke, kill],
  ...[replay, watch, exportRecording, verify],
  ...[config, caShow, krl, doctor],
];

const byName: ReadonlyMap<string, Command> = new Map(commands.map((command) => [command.name, command]));

export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}
