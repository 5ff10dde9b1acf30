import { pino } from "pino";
import type { ControlLog } from "../control/index.js";

/**
 * The operator's log: JSON lines of level info and above in `file`, shared by the bastion's processes (each line is one
 * write to a file opened for appending), and from warn on a short line for people on stderr.
 */
export function openLog(file: string, processName: string): ControlLog {
  const destination = pino.destination({ dest: file, append: true, mkdir: true, mode: 0o600, sync: true });
  const options = {
    base: { process: processName, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
  };
  const log = pino(options, destination);
  process.stderr.on("error", ignore); // a terminal that is gone, or a pipe that nobody reads, ends no bastion
  const say = (fields: object, message: string) => {
    process.stderr.write(`bascule ${processName}: ${message}${fieldsText(fields)}\n`);
  };
  return {
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => {
      log.warn(fields, message);
      say(fields, message);
    },
    error: (fields, message) => {
      log.error(fields, message);
      say(fields, message);
    },
  };
}

/** The same for a program of one process that keeps no file: JSON lines on stderr, for whoever started it to keep. */
export function openStreamLog(processName: string): ControlLog {
  process.stderr.on("error", ignore);
  const options = { base: { process: processName }, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

const ignore = (): void => undefined;

function fieldsText(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("");
}
