import {
  parseAuditorPublicKey,
  parseRewrap,
  RecordingError,
  type RewrapStatement,
} from "../recording/index.js";
import type { KeysRefused } from "../control/index.js";
import { CommandError, usage } from "./command-error.js";
import type { CommandContext } from "./define.js";

/** Keys that were wrapped anew, as `bascule rewrap` and `bascule unseal` print them. */
export function statement(text: string, argument: string): RewrapStatement {
  try {
    return parseRewrap(text);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw usage(argument, `what bascule rewrap or bascule unseal prints (${error.message})`);
  }
}

/** In full: whose short name it is, is a thing of configurations. */
export function auditorKey(text: string, argument: string): string {
  try {
    parseAuditorPublicKey(text);
    return text;
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    throw usage(argument, "an auditor's public key, bascule-auditor:…");
  }
}

/** Why a recording's keys cannot be changed, whoever asks. */
export function keysRefusal(
  { program }: CommandContext,
  session: string,
  refused: KeysRefused,
): CommandError {
  const denied = (message: string, hint?: string) => new CommandError("denied", message, hint);
  switch (refused.reason) {
    case "session-live":
      return denied(`${session} is live: its recording is still being written`, "do it when it is over");
    case "deleted":
      return denied(`the recording of ${session} was deleted`);
    case "nothing-changed":
      return denied("the statement changes nothing", `see who can open it: ${program} recipients ${session}`);
    case "too-many-recipients":
      return denied("a recording has 24 auditors at most", "leave some out: --remove KEY");
    case "statement-refused":
      return denied(
        `the statement is not for ${session} as it is now: ${refused.detail}`,
        `make it again, from the recording as it is: ${program} export ${session} > ${session}.bsr`,
      );
    case "recording-damaged":
      return new CommandError("failed", `the recording of ${session} cannot be changed: ${refused.detail}`);
  }
}
