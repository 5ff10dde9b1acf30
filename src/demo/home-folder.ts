import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the shells' prompts call this host. */
export const demoHostName = "demo-host";

/** The folder of one login below the demo target's own: made when it is missing, with a prompt that tells where one is. */
export function openHomeFolder(homes: string, login: string): string {
  const home = join(homes, login);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  // The system's own start-up files would set another prompt; these come after them.
  writeMissing(join(home, ".bashrc"), `PS1='${login}@${demoHostName}:\\w$ '\n`);
  writeMissing(join(home, ".shrc"), `PS1='${login}@${demoHostName}:$PWD$ '\n`);
  return realpathSync(home);
}

function writeMissing(path: string, text: string): void {
  if (!existsSync(path)) writeFileSync(path, text, { mode: 0o600 });
}
