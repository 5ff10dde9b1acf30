import type { RequestId, RequestState } from "../access/index.js";
import { utcText } from "../wording/index.js";
import { certificateRefusal, certificateResult, certifyCaller, fetchLine } from "./certificate.js";
import { CommandError } from "./command-error.js";
import type { CommandContext, CommandResult } from "./define.js";
import { requestJson, requestStatus } from "./describe-request.js";

/**
 * Waits until a request is decided, and gives the certificate that opens what was granted. Throws CommandError `denied` when it
 * was not, and `interrupted` when the caller leaves; the request stays.
 */
export async function waitForCertificate(context: CommandContext, id: RequestId): Promise<CommandResult> {
  const { control } = context;
  const held = await settled(context, id);
  const { outcome } = held;
  if (outcome?.kind !== "granted")
    throw new CommandError("denied", `${id}: ${requestStatus(held, control.nowMs)}`);
  const grant = control.state.grants.get(outcome.grant)?.grant;
  context.note(`${id} is granted: ${outcome.grant}`);
  const certified = await certifyCaller(context);
  if (certified.ok) {
    const { json, ...rest } = certificateResult(context, certified);
    return { ...rest, json: { ...requestJson(held, control.nowMs), ...(json as object) } };
  }
  const isLater = grant !== undefined && grant.fromMs > control.nowMs;
  if (certified.reason !== "no-live-grant" || !isLater) throw certificateRefusal(context, certified);
  const notes = [`it begins ${utcText(grant.fromMs)}; get its certificate then: ${fetchLine(context)}`];
  return { text: "", json: requestJson(held, control.nowMs), notes };
}

async function settled({ control, signal, program }: CommandContext, id: RequestId): Promise<RequestState> {
  try {
    return await control.requests.settled(id, signal);
  } catch (error) {
    if (isStopping(error))
      throw new CommandError(
        "tryLater",
        `the bastion is being stopped; ${id} stays`,
        `${program} show ${id}`,
      );
    if (!signal.aborted) throw error;
    throw new CommandError(
      "interrupted",
      `not waited for; ${id} stays`,
      `${program} show ${id}; ${program} cancel ${id}`,
    );
  }
}

/** By its name: a client of the bastion, which loads this file for its arguments, does without control's code. */
function isStopping(error: unknown): boolean {
  return (
    error instanceof Error && error.name === "ControlError" && "code" in error && error.code === "stopping"
  );
}
