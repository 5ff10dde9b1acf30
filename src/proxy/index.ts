/**
 * proxy: the process that touches network bytes.
 *
 * It answers clients' SSH (the bastion's own hop, and each target's name through `ssh -J`), asks control who may do what,
 * opens its own SSH leg to the target and relays messages between the two, through the recorder. It must never hold a CA
 * key, never decide anything but to refuse, and never let a byte from a client to a target that did not pass `relay.ts`.
 *
 * A keystroke's way: `listener` → `client-connection` (→ `front` → `jump-channel` → `client-connection`) → `session` → `relay`.
 * A command's way (`ssh bastion …`): `front` → `command-channel` → `command-table`, and from there to control.
 */
export type { ProxyLog } from "./log.js";
export { runProxy, type ProxyOptions } from "./run-proxy.js";
