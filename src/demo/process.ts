import { once } from "node:events";
import { createInterface } from "node:readline";
import { runDemoTarget, type DemoTargetOptions } from "./demo-target.js";

/**
 * The demo target's own process. Its first line of stdin says what to do: the host key must not be seen in an argument or
 * the environment. It answers with a line of its own, and lives until stdin closes, so that it cannot outlive its parent.
 */
export type DemoTargetAnswer = { readonly port: number } | { readonly error: string; readonly code?: string };

const input = createInterface({ input: process.stdin });
// Ctrl-C in a terminal reaches us as well; it is the parent that decides.
process.on("SIGINT", () => undefined);

const [line] = (await once(input, "line")) as [string];
const options = JSON.parse(line) as Omit<DemoTargetOptions, "log">;
try {
  const log = (text: string) => void process.stderr.write(`${text}\n`);
  const target = await runDemoTarget({ ...options, log });
  say({ port: target.port });
  await Promise.race([once(input, "close"), once(process, "SIGTERM")]);
  await target.close();
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  say({ error: message, ...(code === undefined ? {} : { code }) });
}
process.exit();

function say(answer: DemoTargetAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
