import { BASTION, mayOpenSession, type SessionId, type SessionState } from "../../access/index.js";
import type { Config } from "../../config/index.js";
import type { DecisionContext } from "../decision-context.js";
import { cutWhere } from "../grants/revoke.js";

/** What a running bastion cannot change: bound, opened or started with the old value. */
export function needsRestart(before: Config, after: Config): readonly string[] {
  const { host, port } = after.listen;
  const wanted = port === 0 ? before.listen.port : port; // 0 is whatever was picked
  const same: readonly (readonly [string, unknown, unknown])[] = [
    ["listen", `${before.listen.host}:${before.listen.port}`, `${host}:${wanted}`],
    ["http", httpText(before), httpText(after, before)],
    ["home", before.home, after.home],
    ["proxies", before.proxies, after.proxies],
  ];
  return same.filter(([, old, now]) => old !== now).map(([name]) => name);
}

function httpText({ http }: Config, running?: Config): string {
  if (http === "off") return http;
  const picked =
    http.port === 0 && running !== undefined && running.http !== "off" ? running.http.port : http.port;
  return `${http.host}:${picked}`;
}

/** Cuts the live sessions that the policy in force would not open any more, or not with all their channels. */
export function cutDisallowed(context: DecisionContext): Promise<readonly SessionId[]> {
  const text = "the policy was changed and no longer allows it";
  return cutWhere(context, (session) => !isAllowed(context, session), {
    reason: "policy-changed",
    by: BASTION,
    text,
  });
}

function isAllowed({ keeper, config, clocks }: DecisionContext, session: SessionState): boolean {
  const { target, login, clientAddress, serial } = session;
  const ask = { target, login, clientAddress, serial };
  const verdict = mayOpenSession(keeper.state, config().policy, ask, clocks.wallMs());
  return verdict.ok && session.channels.every((kind) => verdict.channels.includes(kind));
}
