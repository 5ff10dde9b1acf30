import { existsSync, readFileSync } from "node:fs";
import { EXIT, type Recipients } from "../../commands/index.js";
import { parseDuration } from "../../wording/index.js";
import {
  encodeAuditorPublicKey,
  encodeRewrap,
  makeRewrap,
  parseAuditorPublicKey,
  readWrappedKeys,
  RecordingError,
  type AuditorPrivateKey,
  type AuditorPublicKey,
} from "../../recording/index.js";
import { CliError } from "../cli-error.js";
import type { HomeHints } from "../find-home.js";
import { printNote, printResult } from "../print.js";
import { askRunning } from "../run-shared.js";
import { auditorKeys } from "./auditor-keys.js";

export interface RewrapWish {
  /** Names of the configuration, or keys in full. */
  readonly to: readonly string[];
  readonly remove: readonly string[];
  /** Also what was typed unseen, for those in `to`. */
  readonly apart: boolean;
  readonly key?: string;
  readonly allSessions: boolean;
  /** `30d`, or a day. */
  readonly since?: string;
  /** A statement that was made elsewhere, to be handed in. */
  readonly statement?: string;
}

type Answer = "done" | "nothing-to-do" | "not-for-us";

/**
 * Wraps recordings' keys to other auditors, where an auditor's key is. Of a file it prints the statement, for the bastion;
 * of a session it hands that to the bastion itself. Gives the exit status.
 */
export async function rewrapCommand(
  what: string | undefined,
  wish: RewrapWish,
  hints: HomeHints,
): Promise<number> {
  const isMany = wish.allSessions || wish.since !== undefined;
  if (isMany === (what !== undefined))
    throw new CliError(EXIT.usage, "say one session or file, or --all-sessions, or --since");
  if (wish.statement !== undefined) return handIn(what ?? "", wish, hints);
  if (wish.to.length + wish.remove.length === 0)
    throw new CliError(EXIT.usage, "say whom: --to NAME, or --remove NAME");
  const keys = await auditorKeys(wish.key, hints);
  if (what !== undefined && existsSync(what)) return printStatement(what, wish, keys);
  if (what !== undefined) {
    const answer = await rewrapSession(what, wish, keys, hints);
    if (answer === "not-for-us")
      throw new CliError(EXIT.notPermitted, "key-not-for-us: the recording is not sealed to this key");
    if (answer === "nothing-to-do") printNote("they can open it, or are left out, already");
    return EXIT.done;
  }
  return rewrapMany(await endedSessions(wish.since, hints), wish, keys, hints);
}

async function rewrapMany(
  sessions: readonly string[],
  wish: RewrapWish,
  keys: readonly AuditorPrivateKey[],
  hints: HomeHints,
): Promise<number> {
  const counts: Record<Answer | "failed", number> = {
    done: 0,
    "nothing-to-do": 0,
    "not-for-us": 0,
    failed: 0,
  };
  for (const session of sessions) {
    try {
      counts[await rewrapSession(session, wish, keys, hints)] += 1;
    } catch (error) {
      if (!(error instanceof CliError || error instanceof RecordingError)) throw error;
      counts.failed += 1;
      printNote(`${session}: ${error.message}`);
    }
  }
  const { done, failed } = counts;
  const rest = `${counts["nothing-to-do"]} were so already, ${counts["not-for-us"]} are not sealed to this key`;
  printNote(`${done} of ${sessions.length} recordings changed; ${rest}, ${failed} failed`);
  return failed > 0 ? EXIT.failed : counts["not-for-us"] > 0 ? EXIT.notPermitted : EXIT.done;
}

async function rewrapSession(
  session: string,
  wish: RewrapWish,
  keys: readonly AuditorPrivateKey[],
  hints: HomeHints,
): Promise<Answer> {
  const about = (await askRunning("recipients", { session: [session] }, hints)).json as Recipients;
  if (about.path === undefined) throw new TypeError("over the local socket the path is told");
  const sealTo = { ...about.sealApartTo, ...about.sealTo };
  const to = wish.to.map((name) => auditorOf(name, sealTo));
  const remove = wish.remove.map((name) => auditorOf(name, sealTo));
  const statement = await makeRewrap(about.path, keys, { to, remove, apartTo: wish.apart ? to : [] }).catch(
    (error: unknown) => {
      if (error instanceof RecordingError && error.code === "key-not-for-us") return "not-for-us" as const;
      throw error;
    },
  );
  if (statement === undefined) return "nothing-to-do";
  if (statement === "not-for-us") return statement;
  const values = {
    session: [about.session],
    statement: [encodeRewrap(statement)],
    to: to.map(encodeAuditorPublicKey),
    remove: remove.map(encodeAuditorPublicKey),
  };
  await printResult((await askRunning("rewrap", values, hints)).text);
  return "done";
}

/** For a bastion elsewhere: the statement on stdout, and how it gets there on stderr. */
async function printStatement(
  path: string,
  wish: RewrapWish,
  keys: readonly AuditorPrivateKey[],
): Promise<number> {
  const to = wish.to.map((name) => auditorOf(name, {}));
  const remove = wish.remove.map((name) => auditorOf(name, {}));
  const statement = await makeRewrap(path, keys, { to, remove, apartTo: wish.apart ? to : [] });
  if (statement === undefined) {
    printNote("they can open it, or are left out, already");
    return EXIT.failed;
  }
  const { header } = await readWrappedKeys(path);
  const named = [
    ...to.map((key) => ` --to ${encodeAuditorPublicKey(key)}`),
    ...remove.map((key) => ` --remove ${encodeAuditorPublicKey(key)}`),
  ].join("");
  printNote("Nothing is changed yet. Hand the statement to the bastion, which never sees a key:");
  printNote(`  ssh ${header.bastion} rewrap ${statement.session}${named} - < STATEMENT`);
  await printResult(encodeRewrap(statement));
  return EXIT.done;
}

/** A statement that was made on an auditor's machine, for who is at the bastion. */
async function handIn(
  session: string,
  { statement = "", to, remove }: RewrapWish,
  hints: HomeHints,
): Promise<number> {
  const text = readFileSync(statement === "-" ? 0 : statement, "utf8");
  const values = { session: [session], statement: [text], to: [...to], remove: [...remove] };
  await printResult((await askRunning("rewrap", values, hints)).text);
  return EXIT.done;
}

function auditorOf(name: string, sealTo: Readonly<Record<string, string>>): AuditorPublicKey {
  const known = Object.hasOwn(sealTo, name) ? sealTo[name] : name;
  try {
    return parseAuditorPublicKey(known ?? name);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const names = Object.keys(sealTo);
    throw new CliError(
      EXIT.usage,
      `no auditor is called ${JSON.stringify(name.slice(0, 80))}`,
      names.length === 0
        ? "give the key itself, bascule-auditor:…; a file does not know names"
        : `recording.sealTo names ${names.join(", ")}; or give the key itself, bascule-auditor:…`,
    );
  }
}

interface ListedSession {
  readonly session: string;
  readonly startedAtMs: number;
  readonly isLive: boolean;
  readonly head?: object;
  readonly deleted?: object;
}

/** Oldest first; those of which something was recorded. */
async function endedSessions(since: string | undefined, hints: HomeHints): Promise<readonly string[]> {
  const fromMs = since === undefined ? 0 : sinceMs(since);
  const { json } = await askRunning("sessions", { all: [""] }, hints);
  return (json as readonly ListedSession[])
    .filter(({ startedAtMs, isLive, head, deleted }) => startedAtMs >= fromMs && !isLive && head && !deleted)
    .map(({ session }) => session);
}

/** Throws CliError. */
function sinceMs(text: string): number {
  const span = parseDuration(text);
  if (span !== undefined) return Date.now() - span;
  const day = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? Date.parse(`${text}T00:00Z`) : Number.NaN;
  if (Number.isNaN(day)) throw new CliError(EXIT.usage, "--since: expected a span such as 30d, or a day");
  return day;
}
