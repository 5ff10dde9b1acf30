import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PROXY_FLAGS } from "../src/cli/serve/proxy-flags.js";

const worker = fileURLToPath(new URL("sealing-worker.js", import.meta.url));

/** CPU seconds that sealing a gigabyte takes in a process that is started like a proxy. */
export function sealingSecondsPerGigabyte(): number {
  return Number(execFileSync(process.execPath, [...PROXY_FLAGS, worker]));
}
