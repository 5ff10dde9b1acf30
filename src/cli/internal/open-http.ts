import type { Config, ControlLog } from "../../control/index.js";
import type { HttpDoor } from "../../web/index.js";
import type { ControlOrder } from "./child-orders.js";

/**
 * Binds the HTTP API's port, if there is to be one. At the first start a taken port ends it all with a line; after a fall
 * of control it is no reason to leave people without ssh as well.
 */
export async function openHttp(
  wanted: Config["http"],
  before: ControlOrder["http"],
  log: ControlLog,
): Promise<HttpDoor | undefined> {
  if (wanted === "off") return undefined;
  const { bindHttp, HttpPortError } = await import("../../web/index.js");
  try {
    const door = await bindHttp({ ...wanted, port: before?.port ?? wanted.port });
    if (!/^(127\.|::1$|localhost$)/.test(wanted.host))
      log.warn(
        { host: wanted.host },
        "http is reached from outside without tls: only a reverse proxy should",
      );
    return door;
  } catch (error) {
    if (before === undefined || !(error instanceof HttpPortError)) throw error;
    log.error({ error: error.message }, "no http until the next restart");
    return undefined;
  }
}
