/**
 * V8 flags of proxy processes. The heap of a proxy is small (some 16 MB), and the collector's limit starts from that: under
 * a bulk copy the megabytes outside of the heap (what the recording's cipher gives, 64 KiB each) then cause a full
 * collection every few milliseconds, a third of all CPU time. With a limit of 64 MB the cheap scavenges get there first.
 */
export const PROXY_FLAGS = ["--initial-old-space-size=64"] as const;
