import { EXIT, type CommandOutcome } from "../commands/index.js";

/** What every request is answered with, in JSON: what a command gave, or why it did not. */
export type Answer =
  | { readonly ok: true; readonly exit: number; readonly result: unknown; readonly notes: readonly string[] }
  | {
      readonly ok: false;
      readonly exit: number;
      readonly message: string;
      readonly hint?: string;
      readonly notes: readonly string[];
    };

/** The statuses that are sent, and what each stands for. */
export const STATUS = {
  done: 200,
  usage: 400,
  unauthorized: 401,
  denied: 403,
  notFound: 404,
  /** What was to be verified does not agree with itself. */
  verificationFailed: 409,
  tooLarge: 413,
  wrongMediaType: 415,
  tooMany: 429,
  failed: 500,
  tryLater: 503,
} as const;
export type Status = (typeof STATUS)[keyof typeof STATUS];

const statusOfExit: Readonly<Partial<Record<number, Status>>> = {
  [EXIT.usage]: STATUS.usage,
  [EXIT.denied]: STATUS.denied,
  [EXIT.notPermitted]: STATUS.denied,
  [EXIT.notFound]: STATUS.notFound,
  [EXIT.verificationFailed]: STATUS.verificationFailed,
  [EXIT.tryLater]: STATUS.tryLater,
  [EXIT.interrupted]: STATUS.tryLater,
};

/** A request that is answered with no, at whatever step. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: Status;
  readonly exit: number;
  readonly hint: string | undefined;
  /** When it may be worth while to come again. */
  readonly retryAfterSeconds: number;

  constructor(
    status: Status,
    exit: number,
    message: string,
    { hint, retryAfterSeconds = 10 }: { readonly hint?: string; readonly retryAfterSeconds?: number } = {},
  ) {
    super(message);
    [this.status, this.exit] = [status, exit];
    [this.hint, this.retryAfterSeconds] = [hint, retryAfterSeconds];
  }
}

export function refusalAnswer({ exit, message, hint }: Refusal): Answer {
  return { ok: false, exit, message, ...(hint !== undefined && { hint }), notes: [] };
}

/** A command that answered is 200, whatever exit status its answer has; the status says why there is none. */
export function outcomeAnswer(
  outcome: CommandOutcome,
  said: readonly string[],
): { readonly status: Status; readonly answer: Answer } {
  const { exit } = outcome;
  if (outcome.ok) {
    const notes = [...said, ...(outcome.notes ?? [])];
    return { status: STATUS.done, answer: { ok: true, exit, result: outcome.json, notes } };
  }
  const { message, hint } = outcome;
  const answer = { ok: false, exit, message, ...(hint !== undefined && { hint }), notes: said } as const;
  return { status: statusOfExit[exit] ?? STATUS.failed, answer };
}
