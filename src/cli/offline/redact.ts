import { CommandError, EXIT, registry } from "../../commands/index.js";
import { blocksByTime } from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { printNote, printResult } from "../print.js";
import { runShared } from "../run-shared.js";
import { auditorKeys } from "./auditor-keys.js";
import { findRecording } from "./find-recording.js";

/** Behind header and keys: the first that holds frames. */
const OPENING_BLOCK = 2;

/** As they stand on the command line. */
export interface RedactFlags {
  readonly from?: string;
  readonly to?: string;
  readonly blocks?: string;
  readonly key?: string;
  readonly channel?: number;
  readonly reason?: string;
}

interface RedactWish {
  readonly key?: string;
  /** On the clock that the player shows; a whole second is taken to its end. */
  readonly from: PlayerTime;
  readonly to: PlayerTime;
  readonly channel?: number;
  readonly reason: string;
}

/** Microseconds, the first and the last that are meant. */
interface PlayerTime {
  readonly firstUs: number;
  readonly lastUs: number;
}

/** `1:02`, `1:01:02`, `62`, each also with a fraction. Throws CommandError `usage`. */
function playerTime(text: string): PlayerTime {
  const [, hours = "0", minutes = "0", seconds, fraction] =
    /^(?:(?:(\d{1,3}):)?(\d{1,5}):)?(\d{1,7})(?:\.(\d{1,6}))?s?$/u.exec(text) ?? [];
  if (seconds === undefined)
    throw new CommandError(
      "usage",
      `${text.slice(0, 32)}: expected a time as the player shows it, such as 1:02`,
    );
  const wholeUs = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6;
  if (fraction === undefined) return { firstUs: wholeUs, lastUs: wholeUs + 999_999 };
  const firstUs = wholeUs + Number(fraction.padEnd(6, "0"));
  return { firstUs, lastUs: firstUs };
}

/** By time it is found here, where the key is; by blocks it is asked of the bastion, which has none. */
export async function redactCommand(what: string, flags: RedactFlags, hints: HomeHints): Promise<number> {
  const { from, to, blocks, reason, key, channel } = flags;
  if (reason === undefined)
    throw new CliError(EXIT.usage, "--reason is missing: it stands in their place for ever");
  const shared = registry.find(({ name }) => name === "redact");
  if (blocks !== undefined && shared !== undefined)
    return runShared(shared, [what, "--blocks", blocks, "--reason", reason], hints);
  if (from === undefined || to === undefined)
    throw new CliError(EXIT.usage, "say what is to go: --from 1:02 --to 1:05, or --blocks 12-15");
  const times = { from: playerTime(from), to: playerTime(to) };
  const more = { ...(key !== undefined && { key }), ...(channel !== undefined && { channel }) };
  return findByTime(what, { ...times, ...more, reason }, hints);
}

/**
 * Finds the blocks of a time, with an auditor's key, and prints the line by which a redactor asks for them to be destroyed: that is
 * for a person, and who runs this has shown nobody who they are.
 */
async function findByTime(what: string, wish: RedactWish, hints: HomeHints): Promise<number> {
  const { key, from, to, channel, reason } = wish;
  if (from.firstUs > to.lastUs) throw new CliError(EXIT.usage, "--from is after --to");
  const { path, isLive } = await findRecording(what, "export", hints);
  if (isLive) throw new CliError(EXIT.denied, "the session is live", "redact it when it is over");
  const found = await blocksByTime(path, await auditorKeys(key, hints), {
    ...{ fromUs: from.firstUs, toUs: to.lastUs },
    ...(channel !== undefined && { channel }),
  });
  if (found === undefined)
    throw new CliError(
      EXIT.notFound,
      "nothing was recorded in that time",
      `look at it with: bascule replay ${what}`,
    );
  const count = found.to - found.from + 1;
  const span = `${clockText(found.fromUs)} to ${clockText(found.toUs)}`;
  printNote(`${count === 1 ? "One block goes" : `${count} blocks go`} as a whole: all from ${span}.`);
  if (found.from === OPENING_BLOCK)
    printNote(
      "Block 2 has how the session began: without it nothing of the rest can be replayed or exported.",
    );
  printNote("As a redactor, run this line; another redactor then approves what it answers:");
  const blocks = count === 1 ? String(found.from) : `${found.from}-${found.to}`;
  await printResult(
    `ssh ${found.bastion} redact ${found.session} --blocks ${blocks} --reason ${quotedTwice(reason)}\n`,
  );
  return EXIT.done;
}

/** m:ss.mmm, as the player counts. */
function clockText(us: number): string {
  const ms = Math.max(0, Math.floor(us / 1000));
  const two = (value: number, places = 2) => String(value).padStart(places, "0");
  return `${Math.floor(ms / 60_000)}:${two(Math.floor(ms / 1000) % 60)}.${two(ms % 1000, 3)}`;
}

/** For a shell: ssh gives the words on as they are. */
function quotedTwice(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
