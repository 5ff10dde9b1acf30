import type { RedactionStatement } from "../../../src/recording/index.js";
import { shell, shown, typed } from "./samples.js";

export const secret = "correct horse battery staple";
export const statement: RedactionStatement = {
  ...{ redaction: "red-1", reason: "a password", by: "dave", approvedBy: "erin", atMs: 1, entry: 7 },
};
export const stretch = { from: 4, to: 5 };

/** Blocks 2 to 6, and the end in block 7. */
export const crossed = [
  shell(),
  [shown(1000, "$ ")],
  [typed(2000, secret), shown(2001, secret)],
  [shown(3500, `you typed ${secret}\r\n`)],
  [shown(5000, "done\r\n")],
];
