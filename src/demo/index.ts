/**
 * demo: the built-in target of `npm start` and `npm run demo`, a small real SSH server whose shell runs on a
 * pseudo-terminal of node-pty, in a process of its own.
 *
 * It trusts the target CA as a production host would, and nothing else: it must never know of grants, recordings or the
 * bastion's state, and never run in a process that holds a CA's key.
 */
export { demoHostName } from "./home-folder.js";
export { runDemoTarget, type DemoTargetOptions, type RunningDemoTarget } from "./demo-target.js";
export { DemoTargetError, startDemoTarget, type DemoTargetProcess } from "./start-demo-target.js";
export { PseudoTerminal, type ProgramEnd, type PseudoTerminalOptions } from "./pseudo-terminal.js";
