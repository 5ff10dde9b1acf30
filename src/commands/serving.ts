/**
 * What carries out commands, for the control process: all of them, and the ways by which they come. It is loaded whole, as
 * control starts: a bastion that runs must not read files of a version that was installed meanwhile.
 */
export { commands, findCommand } from "./all-commands.js";
export { evidenceFile } from "./evidence-file.js";
export { openCommandServer, type CommandServer } from "./local/command-server.js";
export { runCommand } from "./run-command.js";
export { sshRunner } from "./ssh/ssh-carrier.js";
