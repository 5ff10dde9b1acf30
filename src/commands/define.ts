import type { Control, ProvenCaller } from "../control/index.js";
import type { Argument } from "./argument.js";

/** Who asks, proven by whatever way the command came. */
export interface Caller {
  /** An identity's name, or `admin@local`. */
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isAuditor: boolean;
  /** Of the key that they logged in with, where they did. */
  readonly fingerprint?: string;
  readonly via: Way;
}

/** How a command came: over `control.sock`, `ssh bastion …`, or HTTP. */
export type Way = "local" | "ssh" | "http";

export interface CommandContext {
  readonly control: Control;
  readonly caller: Caller;
  /** Talk while it works; goes to stderr. */
  readonly note: (line: string) => void;
  /** How the caller writes a command down: `bascule`, or `ssh bastion`. */
  readonly program: string;
  /** The login that they came by, over ssh. */
  readonly login?: ProvenCaller;
  /** What it prints goes to a terminal, where bytes do harm. */
  readonly isTerminal?: boolean;
  /** The caller has gone: what is only for their eyes may end. */
  readonly signal: AbortSignal;
}

/** What a command has to say. Text goes to stdout as it is; JSON is there for everything that lists or shows. */
export interface CommandResult {
  /** For people; ends with a line end unless empty. */
  readonly text: string;
  readonly json: unknown;
  /** Talk about the result, for stderr. */
  readonly notes?: readonly string[];
  /** Bytes for stdout instead of the text, base64. */
  readonly bytes?: string;
  /** Bytes for stdout instead of the text, however many: over ssh only. Read once, or not at all. */
  readonly stream?: AsyncIterable<Buffer>;
  /** 0 unless given. */
  readonly exit?: number;
}

export type Arguments = Readonly<Record<string, Argument<unknown>>>;
export type Values<A extends Arguments> = { readonly [K in keyof A]: ReturnType<A[K]["parse"]> };

/** Who may run a command at all; what they then see of others is for the command to say. */
export type Audience = "anyone" | "auditors" | "admins" | "admins or auditors";

/** What a command is called, and what for: enough to list it, and to load the rest of it. */
export interface CommandEntry {
  /** One word, or two: `cert issue`. */
  readonly name: string;
  readonly summary: string;
  /** The ways by which it may come, where not by all: what it gives is of use on the bastion itself only. */
  readonly ways?: readonly Way[];
  readonly load: () => Promise<CommandBody>;
}

/** What a command takes, and what it does. */
export interface CommandBody {
  /** Whole lines that can be pasted, without the program's name. At least one. */
  readonly examples: readonly [string, ...string[]];
  readonly audience: Audience;
  /** It counts as a named person's word (`checkOwnWord`). */
  readonly isOwnWord?: true;
  /** In the order in which they are written. */
  readonly positionals: Arguments;
  /** By their long names, without dashes. */
  readonly options: Arguments;
  /** `values` came out of `decodeValues`. Throws CommandError. */
  run(context: CommandContext, values: Readonly<Record<string, unknown>>): Promise<CommandResult>;
}

/** A command as everybody speaks of it: `ssh bastion …`, the local CLI and HTTP run the same one. */
export type Command = Omit<CommandEntry, "load"> & CommandBody;

/** Whether a command is there at all for who comes that way. */
export function comesBy({ ways }: Pick<CommandEntry, "ways">, way: Way): boolean {
  return ways === undefined || ways.includes(way);
}

/** Whether a command is one for this caller, by the way they came. */
export function mayRun(
  command: Pick<Command, "ways" | "audience">,
  { isAdmin, isAuditor, via }: Caller,
): boolean {
  const isFor: Readonly<Record<Audience, boolean>> = {
    anyone: true,
    admins: isAdmin,
    auditors: isAuditor,
    "admins or auditors": isAdmin || isAuditor,
  };
  return comesBy(command, via) && isFor[command.audience];
}

interface Definition<P extends Arguments, O extends Arguments> extends Omit<CommandBody, "run"> {
  readonly positionals: P;
  readonly options: O;
  run(context: CommandContext, values: Values<P & O>): CommandResult | Promise<CommandResult>;
}

/** Defines a command, but for its name; the types of its values follow from its arguments. */
export function defineCommand<P extends Arguments, O extends Arguments>(
  definition: Definition<P, O>,
): CommandBody {
  return {
    ...definition,
    // the values were made by these very arguments' parsers
    run: async (context, values) => definition.run(context, values as Values<P & O>),
  };
}
