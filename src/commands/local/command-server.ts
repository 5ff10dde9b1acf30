import type { Server, Socket } from "node:net";
import { LOCAL_ADMIN } from "../../access/index.js";
import { listenOnSocket, type Control } from "../../control/index.js";
import type { Caller } from "../define.js";
import { EXIT } from "../exit-status.js";
import { decodeRequest, LineError, onLines, REQUEST_CHARS_MAX, type AnswerLine } from "./line-protocol.js";
import { runCommand, type CommandOutcome } from "../run-command.js";

/** Who can open a socket of mode 0600 in a home of mode 0700 is the admin of this machine. */
const localAdmin: Caller = { name: LOCAL_ADMIN, isAdmin: true, isAuditor: true, via: "local" };

export interface CommandServer {
  close(): Promise<void>;
}

/** Serves commands on the home's `control.sock`. Rejects with ControlError `socket-taken`. */
export async function openCommandServer(control: Control): Promise<CommandServer> {
  const open = new Set<Socket>();
  const server: Server = await listenOnSocket(control.paths.controlSocket, (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    serve(control, socket);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.end();
      }),
  };
}

/** One request a connection. */
function serve(control: Control, socket: Socket): void {
  let isAsked = false;
  const gone = new AbortController();
  const answer = (line: AnswerLine) => socket.write(`${JSON.stringify(line)}\n`);
  const finish = (outcome: CommandOutcome) => {
    answer({ outcome });
    socket.end();
  };
  const refuse = (message: string) => finish({ ok: false, exit: EXIT.usage, message });
  socket.on("close", () => gone.abort());
  const onLine = (line: string) => {
    if (isAsked) return;
    isAsked = true;
    try {
      const request = decodeRequest(line);
      const note = (line: string) => void answer({ note: line });
      const context = { control, caller: localAdmin, note, program: "bascule", signal: gone.signal };
      void runCommand(context, request).then(finish);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      refuse(error.message);
    }
  };
  onLines(socket, REQUEST_CHARS_MAX, onLine, () => undefined);
  socket.on("error", () => socket.destroy()); // the client went away: nobody is left to be told
}
