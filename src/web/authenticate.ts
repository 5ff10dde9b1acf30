import { EXIT } from "../commands/index.js";
import type { Control, TokenHolder } from "../control/index.js";
import { Refusal, STATUS } from "./answer.js";
import type { FailedAttempts } from "./failed-attempts.js";

/** RFC 6750 section 2.1. */
const CREDENTIALS = /^Bearer ([A-Za-z0-9_.~+/-]+=*)$/i;

/** Who comes, from where, to be counted against the limit. */
export interface Visit {
  readonly control: Control;
  readonly failures: FailedAttempts;
  readonly address: string;
}

/** The holder of the bearer token. Throws Refusal; the log alone has the reason. */
export async function authenticate(visit: Visit, authorization: string | undefined): Promise<TokenHolder> {
  checkAttempts(visit);
  const bearer = CREDENTIALS.exec(authorization ?? "")?.[1];
  if (bearer === undefined) throw turnedAway(visit, "no-token", "no bearer token");
  const verdict = await visit.control.tokens.verify(bearer);
  if (!verdict.ok) throw turnedAway(visit, verdict.reason, verdict.detail);
  return verdict;
}

/** Throws Refusal for an address that has failed too often of late. */
export function checkAttempts({ failures, address }: Visit): void {
  const seconds = failures.waitSeconds(address, performance.now());
  if (seconds > 0)
    throw new Refusal(STATUS.tooMany, EXIT.tryLater, "too many failed attempts", {
      hint: `try again in ${seconds}s`,
      retryAfterSeconds: seconds,
    });
}

/** One answer for every reason: what is wrong with a token is nobody's business who has no good one. */
export function turnedAway({ control, failures, address }: Visit, reason: string, detail: string): Refusal {
  failures.note(address, performance.now());
  control.log.info({ address, reason, detail }, "http client turned away");
  return new Refusal(STATUS.unauthorized, EXIT.notPermitted, "not authorized");
}
