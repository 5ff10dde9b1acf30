import { utcText, listText } from "../wording/index.js";
import type { ToldDenial } from "../control/index.js";
import { flag, inWords, reason, required, wholeNumber } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";

/** Shown without `--all`; the newest. */
const SHOWN_MAX = 50;

export const denials = defineCommand({
  examples: ["denials", "denials --all --json"],
  audience: "admins or auditors",
  positionals: {},
  options: { all: flag(`more than the newest ${SHOWN_MAX}`) },
  async run({ control, note }, { all }) {
    const total = control.state.denials;
    const found = await control.denials.newest(all ? total : SHOWN_MAX);
    if (found.length < total) note(`the newest ${found.length} of ${total}; all of them with --all`);
    const headings = ["ENTRY", "AT", "FROM", "WHO", "REASON", "ASKED FOR"];
    return { text: listText(headings, found.map(row), "Nobody was refused yet."), json: found.map(json) };
  },
});

export const forget = defineCommand({
  examples: ['forget 17 --reason "a password, typed as a login"'],
  audience: "admins",
  positionals: {
    entry: required(wholeNumber, { placeholder: "ENTRY", summary: "its number, as denials shows it" }),
  },
  options: {
    reason: inWords(required(reason, { placeholder: "TEXT", summary: "why; the ledger keeps it" })),
  },
  async run({ control, caller, program }, { entry, reason: why }) {
    const hint = `see them with: ${program} denials`;
    switch (await control.denials.forget(entry, caller.name, why)) {
      case "not-a-denial":
        throw new CommandError("notFound", `entry ${entry} is no refusal`, hint);
      case "not-known":
        throw new CommandError(
          "notFound",
          `what was asked for in entry ${entry} is not known any more`,
          hint,
        );
      case "forgotten":
        return {
          text: `Entry ${entry} has only the salted hash of what was asked for, and nothing leads back from it.\n`,
          json: { entry, forgotten: true },
          notes: ["backups of the home may still have it, in their file salts"],
        };
    }
  },
});

function row({ entry, atMs, denied, words }: ToldDenial): readonly string[] {
  const { clientAddress, identity, session, stage, reason: code } = denied;
  return [
    String(entry),
    utcText(atMs, "seconds"),
    clientAddress,
    identity ?? session ?? "-",
    `${stage}: ${code}`,
    words === undefined ? "(not known)" : wordsText(words),
  ];
}

function wordsText({ login, target, detail }: NonNullable<ToldDenial["words"]>): string {
  const place = [
    login === undefined ? [] : JSON.stringify(login),
    target === undefined ? [] : JSON.stringify(target),
  ];
  return [place.flat().join(" on "), detail].filter((part) => part !== "").join(": ") || "-";
}

function json({ entry, atMs, denied, words }: ToldDenial): object {
  const { words: hash, ...about } = denied;
  return { entry, atMs, ...about, hash, ...(words === undefined ? { forgotten: true } : { words }) };
}
