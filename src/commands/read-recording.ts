import { createReadStream, existsSync } from "node:fs";
import type { ReadingWay } from "../access/index.js";
import { utcText } from "../wording/index.js";
import { bytesNeedNoTerminal } from "./bytes-need-no-terminal.js";
import { idPrefix, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand, type CommandBody, type CommandContext } from "./define.js";
import { sessionStatus } from "./describe.js";
import { findSession } from "./lookup.js";

/** Where a recording lies and what became of its session; the reader opens it with their own key. */
export interface RecordingPlace {
  readonly session: string;
  readonly path: string;
  readonly isLive: boolean;
  readonly status: string;
}

/**
 * Says where a recording is, having written down that it is about to be read. Control cannot decrypt it: that happens
 * where the auditor's key is.
 */
function readingCommand(how: Exclude<ReadingWay, "proof" | "verify">, example: string): CommandBody {
  return defineCommand({
    examples: [example],
    audience: "auditors",
    positionals: {
      session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
    },
    options: {},
    async run(context, values) {
      const { control, caller } = context;
      const found = findSession(context, values.session);
      if (caller.via === "ssh" && how !== "export") throw elsewhere(context, how, found.session);
      if (found.deleted !== undefined) throw deleted(context, found.session, found.deleted.atMs);
      const isLive = control.state.liveSessions.has(found.session);
      if (how === "watch" && !isLive)
        throw new CommandError(
          "failed",
          `${found.session} is over`,
          `play it with: bascule replay ${found.session}`,
        );
      if (caller.via === "ssh" && !existsSync(control.recordings.pathOf(found)))
        throw new CommandError("notFound", `nothing of ${found.session} was recorded`);
      if (caller.via === "ssh")
        bytesNeedNoTerminal(context, `export ${found.session} > ${found.session}.bsr`);
      await control.recordings.noteReading(found.session, caller.name, how);
      const path = control.recordings.pathOf(found);
      const place: RecordingPlace = { session: found.session, path, isLive, status: sessionStatus(found) };
      // over ssh the sealed bytes themselves: only the reader's own key opens them
      return { text: `${path}\n`, json: place, ...(caller.via === "ssh" && { stream: bytesOf(path) }) };
    },
  });
}

function deleted({ program }: CommandContext, session: string, atMs: number): CommandError {
  const message = `the recording of ${session} was deleted at ${utcText(atMs)}, when its time was over`;
  return new CommandError("notFound", message, `its hash is left: ${program} show ${session}`);
}

async function* bytesOf(path: string): AsyncGenerator<Buffer, void> {
  for await (const piece of createReadStream(path)) yield piece as Buffer;
}

/** A recording is opened where the auditor's key is; that is never here. */
function elsewhere({ program }: CommandContext, how: "replay" | "watch", session: string): CommandError {
  const message = `a recording is opened where the auditor's key is, and so ${how} is no command of ssh`;
  const fetch = `${program} export ${session} > ${session}.bsr && bascule replay ${session}.bsr --key KEY`;
  const hint = how === "replay" ? fetch : `on the bastion itself: bascule watch ${session}`;
  return new CommandError("failed", message, hint);
}

export const replay = readingCommand("replay", "replay ses-0f3k");
export const watch = readingCommand("watch", "watch ses-0f3k");
export const exportRecording = readingCommand("export", "export ses-0f3k > session.cast");
