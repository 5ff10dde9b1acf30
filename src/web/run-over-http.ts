import { EXIT, type Command } from "../commands/index.js";
import type { Control, TokenHolder } from "../control/index.js";
import { outcomeAnswer, Refusal, STATUS, type Answer, type Status } from "./answer.js";
import { requestValues } from "./request-values.js";
import { runCommand } from "./serving.js";

/** Commands of one identity that may run at a time: what waits for approvals stays open for hours. */
const RUNNING_MAX = 16;

export interface HttpCommand {
  readonly command: Command;
  readonly holder: TokenHolder;
  readonly body: Readonly<Record<string, unknown>>;
  /** The client is gone or its token at its end, or the bastion stops. */
  readonly signal: AbortSignal;
}

/** Runs commands for the holders of tokens. */
export class CommandRuns {
  readonly #control: Control;
  readonly #running = new Map<string, number>();

  constructor(control: Control) {
    this.#control = control;
  }

  /** What the command had to say, and the status for it. Throws Refusal. */
  async run({ command, holder, body, signal }: HttpCommand): Promise<{ status: Status; answer: Answer }> {
    const { identity, isAdmin, isAuditor, fingerprint, commands } = holder;
    if (commands?.includes(command.name) === false)
      throw new Refusal(STATUS.denied, EXIT.notPermitted, "this token is not for that command");
    const values = requestValues(command, body);
    const notes: string[] = [];
    const control = this.#control;
    const context = {
      control,
      caller: {
        ...{ name: identity, isAdmin, isAuditor, via: "http" as const },
        ...(fingerprint !== undefined && { fingerprint }),
      },
      note: (line: string) => void notes.push(line),
      program: `ssh ${control.config.name}`,
      signal,
    };
    const leave = this.#enter(identity);
    try {
      return outcomeAnswer(await runCommand(context, { command: command.name, values }), notes);
    } finally {
      leave();
    }
  }

  #enter(identity: string): () => void {
    const running = this.#running.get(identity) ?? 0;
    if (running >= RUNNING_MAX)
      throw new Refusal(STATUS.tooMany, EXIT.tryLater, `${identity} has ${running} commands running already`);
    this.#running.set(identity, running + 1);
    return () => {
      const left = (this.#running.get(identity) ?? 1) - 1;
      if (left === 0) this.#running.delete(identity);
      else this.#running.set(identity, left);
    };
  }
}
