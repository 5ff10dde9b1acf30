/**
 * commands: what people can ask, each defined once: its arguments, who may, what it does, its text and its JSON. The local
 * CLI, `ssh bastion …` and HTTP run the same definitions, in the control process.
 *
 * Must never: read a client's files, decrypt a recording, decide by itself what policy or state decide, or print what a
 * stranger wrote without its having been cleaned at the edge.
 */
export { CommandError } from "./command-error.js";
export { comesBy } from "./define.js";
export type { Caller, Command, CommandContext, CommandEntry, CommandResult, Way } from "./define.js";
export { EXIT } from "./exit-status.js";
export { withExample } from "./failure.js";
export { helpText } from "./help.js";
export { parseArgv, type ParsedArgv } from "./parse-argv.js";
export type { Recipients } from "./recipients.js";
export type { ProofAllowed } from "./proof.js";
export type { RecordingPlace } from "./read-recording.js";
export { loadCommand, registry } from "./registry.js";
export type { CommandOutcome, CommandRequest } from "./run-command.js";
export { loadServing, type Serving } from "./load-serving.js";
export { askControl, ControlUnreachable, type AskOptions } from "./local/command-client.js";
export type { RawValues } from "./values.js";
