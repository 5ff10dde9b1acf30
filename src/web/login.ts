import { EXIT } from "../commands/index.js";
import { Refusal, STATUS } from "./answer.js";
import { checkAttempts, turnedAway, type Visit } from "./authenticate.js";

/** What a workload gets for its issuer's token. */
export interface LoggedIn {
  readonly identity: string;
  /** A bearer token. */
  readonly token: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** Lets a workload in. Throws Refusal. */
export async function login(visit: Visit, body: Readonly<Record<string, unknown>>): Promise<LoggedIn> {
  checkAttempts(visit);
  const { token, ...rest } = body;
  if (typeof token !== "string" || Object.keys(rest).length > 0)
    throw new Refusal(STATUS.usage, EXIT.usage, 'body: expected {"token": an OIDC token}');
  const issued = await visit.control.tokens.login(token);
  if (issued.ok) {
    const expiresAt = new Date(issued.untilMs).toISOString();
    return { identity: issued.identity, token: issued.bearer, expiresAt };
  }
  if (issued.reason === "too-many") {
    visit.control.log.warn({ detail: issued.detail }, "workload has too many live tokens");
    throw new Refusal(STATUS.tooMany, EXIT.tryLater, "too many live tokens", {
      hint: "use each until it ends",
    });
  }
  throw turnedAway(visit, issued.reason, issued.detail);
}
