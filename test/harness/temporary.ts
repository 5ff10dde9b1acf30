import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeAfterwards } from "./closing.js";

/** A folder of the test's own, mode 0700, gone afterwards. Its path is short enough for unix sockets. */
export function temporaryFolder(name = "bascule"): string {
  const folder = mkdtempSync(join(tmpdir(), `${name}-`));
  closeAfterwards(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
