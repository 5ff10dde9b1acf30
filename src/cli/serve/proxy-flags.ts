/**
 * V8 flags of proxy processes. The heap of a proxy is small (some 16 MB), and the collector's limit starts from that: under
 * a bulk copy the megabytes outside of the heap (what the recording's cipher gives, 64 KiB each) then cause a full
 * collection every few milliseconds, a third of all CPU time. With a limit of 64 MB the cheap scavenges get there first.
 */
const COLLECT_LATER = "--initial-old-space-size=64";
/** `ArrayBuffer.prototype.transfer`, with which the recorder gives those megabytes back at once; later versions have it. */
const TRANSFER = "--harmony-rab-gsab-transfer";

export const PROXY_FLAGS = process.versions.node.startsWith("20.")
  ? [COLLECT_LATER, TRANSFER]
  : [COLLECT_LATER];
