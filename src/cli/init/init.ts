import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EXIT } from "../../commands/index.js";
import { CliError } from "../cli-error.js";
import { CONFIG_NAME } from "../config-name.js";
import { configText, emptyAccess } from "./config-text.js";
import { makeAuditorKeys, makeAuthorities } from "./make-keys.js";

/** Makes a home: keys, an auditor's key, a configuration to be filled. Refuses to overwrite any of it. */
export function init(folder: string, say: (line: string) => void): number {
  const home = resolve(folder);
  const path = join(home, CONFIG_NAME);
  if (existsSync(path)) throw new CliError(EXIT.failed, `${path} is there already; nothing was changed`);
  const paths = makeAuthorities(home);
  const auditors = makeAuditorKeys(paths);
  const text = configText({
    listen: "127.0.0.1:2222",
    recordings: "./recordings",
    auditors,
    access: emptyAccess,
  });
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  say(`made ${home}:`);
  say(`  ${path}  to be filled with people, targets and roles`);
  say(`  ${paths.keys}  the keys of the three CAs and of the ledger; they never leave this folder`);
  say(`  ${paths.auditorKey}  opens recordings: give it to the auditor, and delete it here`);
  say(
    `  ${paths.apartAuditorKey}  opens what was typed unseen: give it to another person, and delete it here`,
  );
  say(`serve it with: bascule serve --config ${path}`);
  return EXIT.done;
}
