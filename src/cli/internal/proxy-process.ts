import { runProxy } from "../../proxy/index.js";
import { openLog } from "../log.js";
import { leaveSignalsToSupervisor, LISTEN_FD, takeOrder, type ProxyOrder } from "./child-orders.js";

/** A proxy process, from its order to its end; gives the exit status. */
export async function runProxyProcess(): Promise<number> {
  leaveSignalsToSupervisor();
  const { order, orphaned } = await takeOrder<ProxyOrder>();
  const { socket, token, name, log: file } = order;
  const log = openLog(file, name);
  process.on("uncaughtException", (error) => {
    log.error({ error: error.stack ?? error.message }, "proxy fell");
    process.exit(1);
  });
  await runProxy({ listenFd: LISTEN_FD, socket, token, name, log, orphaned });
  return 0;
}
