import { connect } from "node:net";
import { ANSWER_CHARS_MAX, decodeAnswer, LineError, onLines } from "./line-protocol.js";
import type { CommandOutcome, CommandRequest } from "../run-command.js";

/** No bastion answers on that socket. */
export class ControlUnreachable extends Error {
  override readonly name = "ControlUnreachable";
}

export interface AskOptions {
  /** Talk while the command runs. */
  readonly onNote: (line: string) => void;
}

/** Has the running bastion do a command. Rejects with ControlUnreachable. */
export function askControl(
  socketPath: string,
  request: CommandRequest,
  { onNote }: AskOptions,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    const fail = (error: Error) => reject(new ControlUnreachable(error.message));
    socket.once("connect", () => socket.write(`${JSON.stringify(request)}\n`));
    socket.once("error", fail);
    socket.once("close", () => fail(new Error("it went away before it answered")));
    const onLine = (line: string) => {
      try {
        const answer = decodeAnswer(line);
        if ("note" in answer) onNote(answer.note);
        else resolve(answer.outcome);
      } catch (error) {
        fail(error instanceof LineError ? error : new Error(String(error)));
      }
    };
    onLines(socket, ANSWER_CHARS_MAX, onLine, fail);
  });
}
