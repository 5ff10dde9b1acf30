import { loadServing } from "../commands/index.js";

/** What carries out commands; this room is loaded by the control process alone, which has it already. */
export const { commands, evidenceFile, runCommand } = await loadServing();
