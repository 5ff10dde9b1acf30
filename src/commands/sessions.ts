import { spanText, utcText, bytesText, listText } from "../wording/index.js";
import { flag, name, optional } from "./argument.js";
import { defineCommand } from "./define.js";
import { sessionJson, sessionStatus } from "./describe.js";
import { maySee } from "./lookup.js";

/** Sessions shown without `--all`; the newest. */
const SHOWN_MAX = 50;

export const sessions = defineCommand({
  examples: ["sessions", "sessions --live", "sessions --identity alice --target prod-db-1 --all --json"],
  audience: "anyone",
  positionals: {},
  options: {
    live: flag("only those that are running"),
    identity: optional(name, { placeholder: "NAME", summary: "only this identity's" }),
    target: optional(name, { placeholder: "NAME", summary: "only those on this target" }),
    all: flag(`more than the newest ${SHOWN_MAX}`),
  },
  run({ control, caller, note }, { live, identity, target, all }) {
    const { state, nowMs } = control;
    const found = [...state.sessions.values()].filter(
      (session) =>
        maySee(caller, session.identity) &&
        (!live || state.liveSessions.has(session.session)) &&
        (identity ?? session.identity) === session.identity &&
        (target ?? session.target) === session.target,
    );
    const shown = all ? found : found.slice(-SHOWN_MAX);
    if (shown.length < found.length)
      note(`the newest ${shown.length} of ${found.length}; all of them with --all`);
    const rows = shown.map((session) => [
      session.session,
      session.identity,
      `${session.login}@${session.target}`,
      utcText(session.startedAtMs),
      spanText((session.ended?.atMs ?? nowMs) - session.startedAtMs),
      session.head === undefined ? "-" : bytesText(session.head.bytes),
      sessionStatus(session),
    ]);
    const headings = ["SESSION", "IDENTITY", "WHERE", "STARTED", "LASTED", "RECORDED", "STATUS"];
    return {
      text: listText(headings, rows, live ? "No live sessions." : "No sessions yet."),
      json: shown.map(sessionJson),
    };
  },
});
