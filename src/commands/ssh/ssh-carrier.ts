import { isMemberOf, parseApprovalUser } from "../../access/index.js";
import type { CarriedCommand, CommandRunner, Control } from "../../control/index.js";
import { CommandError } from "../command-error.js";
import type { Caller, Command, CommandContext } from "../define.js";
import { EXIT } from "../exit-status.js";
import { failureLines, withExample } from "../failure.js";
import { helpText } from "../help.js";
import { overviewText } from "../overview.js";
import { runMenu } from "./menu.js";
import { parseWords, type ParsedArgv } from "../parse-argv.js";
import { commandOf } from "../all-commands.js";
import { runCommand, type CommandOutcome } from "../run-command.js";
import { splitLine, type Word } from "./split-line.js";
import type { RawValues } from "../values.js";

/** Most that is read from a client's stdin in place of an argument: the longest that an argument may be. */
const STDIN_BYTES_MAX = 64 * 1024;

/** Runs what people give to their ssh: `ssh bastion request …`, the menu of `ssh bastion`, `ssh approve.…@bastion`. */
export function sshRunner(control: Control): CommandRunner {
  return async (carried) => {
    const context = sshContext(control, carried);
    try {
      return await run(context, carried);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      return fail(carried, error);
    }
  };
}

/** Who asks, as the policy knows them now. Throws CommandError `denied` for whoever may not (any more). */
export function sshCaller(control: Control, { caller }: CarriedCommand): Caller {
  const { identity: name, fingerprint } = caller;
  const { policy } = control;
  const identity = policy.identities.get(name);
  if (identity === undefined || !control.isStillIn(caller)) throw new CommandError("denied", "not permitted");
  return {
    ...{ name, fingerprint, via: "ssh" },
    isAdmin: isMemberOf(identity, policy.admins),
    isAuditor: isMemberOf(identity, policy.auditors),
  };
}

function sshContext(control: Control, carried: CarriedCommand): CommandContext {
  const { caller: login, signal } = carried;
  return {
    ...{ control, login, signal, program: `ssh ${control.config.name}` },
    isTerminal: carried.terminal !== undefined,
    get caller() {
      return sshCaller(control, carried); // anew for each command of a menu that stays open
    },
    // whoever is gone is told nothing more: `signal` says so too
    note: (line) => void carried.write("stderr", `${line}\n`).catch(() => undefined),
  };
}

async function run(context: CommandContext, carried: CarriedCommand): Promise<number> {
  const words = splitLine(carried.line?.trim() ?? "");
  const { user } = carried.caller.proof;
  if (user.startsWith("approve.")) return approveByLogin(context, carried, user, words);
  const [first] = words;
  if (first === undefined) {
    if (carried.terminal !== undefined && carried.line === undefined) return runMenu(context, carried);
    return say(carried, overviewText(context));
  }
  if (["help", "--help", "-h"].includes(first.text)) return help(context, carried, words.slice(1));
  const { command, rest } = commandOf(words, context.program);
  const parsed = parsedWith(command, rest, context);
  if (parsed.help) return say(carried, helpText(command, context.program));
  const values = await withStdin(command, parsed.values, carried);
  return tell(carried, await runCommand(context, { command: command.name, values }), parsed.json);
}

/** `ssh approve.<req>.<digest>@bastion`: the login itself is the approval, and nothing else is done by it. */
async function approveByLogin(
  context: CommandContext,
  carried: CarriedCommand,
  user: string,
  words: readonly Word[],
): Promise<number> {
  const approval = parseApprovalUser(user);
  if (approval === undefined)
    throw new CommandError(
      "usage",
      "that is not a whole approval",
      `copy all of the line that begins with: ssh approve.req-…  (${context.program} requests)`,
    );
  if (words.length > 0)
    throw new CommandError(
      "usage",
      "an approval that is signed takes no command: it is for the request as it was asked",
      `paste the line as it is; where the role wants no signature: ${context.program} approve ${approval.request} --for 15m`,
    );
  return tell(
    carried,
    await runCommand(context, { command: "approve", values: { request: [approval.request] } }),
    false,
  );
}

async function help(
  context: CommandContext,
  carried: CarriedCommand,
  words: readonly Word[],
): Promise<number> {
  if (words.length === 0) return say(carried, overviewText(context));
  return say(carried, helpText(commandOf(words, context.program).command, context.program));
}

function parsedWith(command: Command, words: readonly Word[], { program }: CommandContext): ParsedArgv {
  try {
    return parseWords(command, words);
  } catch (error) {
    throw error instanceof CommandError ? withExample(error, command, program) : error;
  }
}

/** An argument that names a file is text here; `-` stands for what comes on stdin, and so does leaving out one that must be there. */
async function withStdin(command: Command, values: RawValues, carried: CarriedCommand): Promise<RawValues> {
  const files = Object.entries({ ...command.positionals, ...command.options }).filter(
    ([, { fromFile }]) => fromFile,
  );
  const named = files.find(([name, { required }]) => {
    const [text] = values[name] ?? [];
    return text === "-" || (required && text === undefined);
  });
  if (named === undefined) return values;
  const [name] = named;
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of carried.input) {
    pieces.push(piece);
    length += piece.length;
    if (length > STDIN_BYTES_MAX)
      throw new CommandError("usage", `${name}: expected at most ${STDIN_BYTES_MAX} bytes on stdin`);
  }
  return { ...values, [name]: [Buffer.concat(pieces).toString("utf8")] };
}

async function tell(carried: CarriedCommand, outcome: CommandOutcome, json: boolean): Promise<number> {
  if (!outcome.ok) {
    await carried.write("stderr", failureLines(outcome));
    return outcome.exit;
  }
  const { text, bytes, stream, notes = [] } = outcome;
  if (json) await carried.write("stdout", `${JSON.stringify(outcome.json, undefined, 2)}\n`);
  else if (stream !== undefined) for await (const piece of stream) await carried.write("stdout", piece);
  else await carried.write("stdout", bytes === undefined ? text : Buffer.from(bytes, "base64"));
  for (const note of notes) await carried.write("stderr", `${note}\n`);
  return outcome.exit;
}

async function say(carried: CarriedCommand, text: string): Promise<number> {
  await carried.write("stdout", text);
  return EXIT.done;
}

async function fail(carried: CarriedCommand, { code, message, hint }: CommandError): Promise<number> {
  await carried.write("stderr", failureLines({ message, ...(hint !== undefined && { hint }) }));
  return EXIT[code];
}
