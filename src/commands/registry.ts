import { nearest } from "../wording/index.js";
import { accessReview } from "./access-review.js";
import { approve } from "./approve.js";
import { cancel } from "./cancel.js";
import { cert } from "./cert.js";
import { denials, forget } from "./denials.js";
import { deny } from "./deny.js";
import { explain } from "./explain.js";
import { extend } from "./extend.js";
import { lock } from "./lock.js";
import { locks } from "./locks.js";
import { request } from "./request.js";
import { requests } from "./requests.js";
import { review } from "./review.js";
import { tokenCommand } from "./token.js";
import { unlock } from "./unlock.js";
import { caShow } from "./ca-show.js";
import { certIssue } from "./cert-issue.js";
import { CommandError } from "./command-error.js";
import { config } from "./config.js";
import type { Command } from "./define.js";
import { diskOverride } from "./disk-override.js";
import { diskShow } from "./disk-show.js";
import { doctor } from "./doctor.js";
import { grants } from "./grants.js";
import { hold } from "./hold.js";
import { holds } from "./holds.js";
import { kill } from "./kill.js";
import { release } from "./release.js";
import { krl } from "./krl.js";
import { proof } from "./proof.js";
import { exportRecording, replay, watch } from "./read-recording.js";
import { recipients } from "./recipients.js";
import { redact } from "./redact.js";
import { redactions } from "./redactions.js";
import { revoke } from "./revoke.js";
import { rewrap } from "./rewrap.js";
import { sessions } from "./sessions.js";
import { show } from "./show.js";
import type { Word } from "./ssh/split-line.js";
import { targets } from "./targets.js";
import { quoted } from "./values.js";
import { unseal } from "./unseal.js";
import { verify } from "./verify.js";
import { whoami } from "./whoami.js";

/** Every command there is, in the order of help. */
export const commands: readonly Command[] = [
  ...[whoami, targets, explain, request, requests, approve, deny, cancel, cert],
  ...[grants, extend, review, sessions, show],
  ...[revoke, lock, unlock, locks, kill, certIssue],
  ...[replay, watch, exportRecording, proof, verify, accessReview],
  ...[denials, forget],
  ...[recipients, rewrap, redact, redactions, unseal, hold, holds, release],
  ...[config, tokenCommand(commandNames), caShow, krl, diskShow, diskOverride, doctor],
];

const byName: ReadonlyMap<string, Command> = new Map(commands.map((command) => [command.name, command]));

/**
 * The command that these words begin with, and the words behind its name. Throws CommandError `usage`, with the command
 * that was probably meant.
 */
export function commandOf(
  words: readonly Word[],
  program: string,
): { command: Command; rest: readonly Word[] } {
  const texts = words.map(({ text }) => text);
  for (const length of [2, 1]) {
    const command = byName.get(texts.slice(0, length).join(" "));
    if (command !== undefined && texts.length >= length) return { command, rest: words.slice(length) };
  }
  const [first = ""] = texts;
  const meant = nearest(first, byName.keys());
  const hint = meant === undefined ? `see them with: ${program} help` : `did you mean: ${program} ${meant}`;
  throw new CommandError("usage", `there is no command ${quoted(first)}`, hint);
}

function commandNames(): readonly string[] {
  return [...byName.keys()];
}

export function findCommand(name: string): Command | undefined {
  return byName.get(name);
}
