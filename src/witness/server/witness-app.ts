import { Hono, type Context } from "hono";
import { parseSubmission, SUBMISSION_BYTES_MAX, type Submission } from "../submission.js";
import { WitnessError } from "../witness-error.js";
import type { Unwitnessed, Witness, WitnessAnswer } from "./witness.js";

/** The operator's log: a constant lower-case message and fields. */
export interface WitnessLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WitnessAppOptions {
  readonly witness: Witness;
  readonly log: WitnessLog;
  /** The disk refused: nothing more is signed, and the process is to end. */
  readonly onFailure: (error: unknown) => void;
}

/** C2SP tlog-witness, add-checkpoint. */
const STATUS = {
  "checkpoint-invalid": 400,
  "log-unknown": 404,
  "signature-unknown": 403,
  "old-size-beyond": 400,
  "old-size-stale": 409,
  "root-differs": 409,
  "proof-invalid": 422,
} as const satisfies Readonly<Record<Unwitnessed, number>>;

/** What the operator should look at: a log that shows two histories, and not one that is merely out of step. */
const FORKED: readonly Unwitnessed[] = ["root-differs", "proof-invalid"];

const PATH = "/add-checkpoint";

/** The one route. */
export function witnessApp({ witness, log, onFailure }: WitnessAppOptions): Hono {
  const app = new Hono();
  app.onError((error, c) => {
    log.error({ error: error.message }, "request failed");
    if (error instanceof WitnessError && error.code === "state-failed") onFailure(error);
    return c.text("failed; the witness' log says why\n", 500);
  });
  app.notFound((c) => c.text("there is nothing here\n", 404));
  app.post(PATH, async (c) => {
    const submission = await readSubmission(c.req.raw);
    if (typeof submission === "string") return refuseBody(c, submission);
    const answer = await witness.addCheckpoint(submission);
    note(log, submission, answer);
    return answerOf(c, answer);
  });
  app.all(PATH, (c) => c.text("POST it\n", 405, { allow: "POST" }));
  return app;
}

type BadBody = "too-large" | "broken-off" | "not-a-submission";

function refuseBody(c: Context, fault: BadBody): Response {
  if (fault === "too-large")
    return c.text(`at most ${SUBMISSION_BYTES_MAX} bytes\n`, 413, { connection: "close" });
  return c.text("not an add-checkpoint request\n", 400);
}

function answerOf(c: Context, answer: WitnessAnswer): Response {
  if (answer.ok) return c.body(answer.line, 200, { "content-type": "text/plain; charset=utf-8" });
  const status = STATUS[answer.reason];
  if (status === 409 && answer.signed !== undefined)
    return c.body(`${answer.signed.size}\n`, status, { "content-type": "text/x.tlog.size" });
  return c.text(`${answer.reason}\n`, status);
}

async function readSubmission(request: Request): Promise<Submission | BadBody> {
  const body = await boundedBody(request);
  if (typeof body === "string") return body;
  try {
    return parseSubmission(body);
  } catch (error) {
    if (error instanceof WitnessError) return "not-a-submission";
    throw error;
  }
}

/** What says that it is too long is not read at all. */
async function boundedBody({ body, headers }: Request): Promise<Buffer | BadBody> {
  if (Number(headers.get("content-length") ?? 0) > SUBMISSION_BYTES_MAX) return "too-large";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > SUBMISSION_BYTES_MAX) return "too-large";
      chunks.push(chunk);
    }
  } catch {
    return "broken-off";
  }
  return Buffer.concat(chunks);
}

/** Two notes that a log signed and that cannot both be true are proof against it: they are logged whole. */
function note(log: WitnessLog, { oldSize }: Submission, answer: WitnessAnswer): void {
  if (answer.ok) {
    log.info({ origin: answer.head.origin, size: answer.head.size }, "checkpoint cosigned");
    return;
  }
  const { reason, signed } = answer;
  if (signed === undefined) {
    log.info({ reason }, "checkpoint refused"); // of nobody in particular: nothing of it is repeated
    return;
  }
  const fields = {
    reason,
    origin: signed.head.origin,
    size: signed.head.size,
    old: oldSize,
    cosigned: signed.size,
  };
  if (FORKED.includes(reason)) log.warn({ ...fields, checkpoint: signed.note }, "log shows another history");
  else log.info(fields, "checkpoint refused");
}
