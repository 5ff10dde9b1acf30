import { readWrappedKeys, RecordingError } from "../recording/index.js";
import { idPrefix, required } from "./argument.js";
import { CommandError } from "./command-error.js";
import { defineCommand } from "./define.js";
import { findSession } from "./lookup.js";
import { listText } from "../wording/index.js";

/** Who can open a recording, as programs get it. */
export interface Recipients {
  readonly session: string;
  readonly bastion: string;
  /** Only on the bastion itself. */
  readonly path?: string;
  readonly recipients: readonly {
    readonly key: string;
    readonly name?: string;
    readonly opens: readonly string[];
  }[];
  /** Whom new recordings are sealed to, by name. */
  readonly sealTo: Readonly<Record<string, string>>;
  /** The same for what is typed unseen. */
  readonly sealApartTo: Readonly<Record<string, string>>;
}

export const recipients = defineCommand({
  examples: ["recipients ses-0f3k", "recipients ses-0f3k --json"],
  audience: "auditors",
  positionals: {
    session: required(idPrefix, { placeholder: "SESSION", summary: "ses-…, or what begins it" }),
  },
  options: {},
  async run(context, { session: prefix }) {
    const { control, caller } = context;
    const session = findSession(context, prefix);
    const path = control.recordings.pathOf(session);
    const { keys } = await readWrappedKeys(path).catch(asFailure);
    const { sealTo, sealApartTo } = control.config.recording;
    const names = new Map([...sealApartTo, ...sealTo].map(([name, key]) => [key, name]));
    const holders = [...new Set(keys.map(({ recipient }) => recipient))].map((key) => {
      const name = names.get(key);
      const opens = keys.filter(({ recipient }) => recipient === key).map((wrapped) => wrapped.opens);
      return { key, ...(name !== undefined && { name }), opens };
    });
    const json: Recipients = {
      ...{ session: session.session, bastion: control.config.name, recipients: holders },
      sealTo: Object.fromEntries(sealTo),
      sealApartTo: Object.fromEntries(sealApartTo),
      ...(caller.via === "local" && { path }),
    };
    const rows = holders.map(({ key, name = "-", opens }) => [name, opensText(opens), key]);
    return { text: listText(["AUDITOR", "OPENS", "KEY"], rows, "Nobody can open it."), json };
  },
});

function opensText(opens: readonly string[]): string {
  if (!opens.includes("data")) return "nothing alone; what was typed unseen, with the other key";
  return opens.includes("apart") ? "all, also what was typed unseen" : "all but what was typed unseen";
}

function asFailure(error: unknown): never {
  if (!(error instanceof RecordingError)) throw error;
  const code = error.code === "read-failed" ? "notFound" : "failed";
  throw new CommandError(code, `who can open it cannot be read: ${error.message}`);
}
