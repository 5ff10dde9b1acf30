/** What a channel is used for, as policy speaks of it. `subsystem` is any subsystem other than sftp. */
export const CHANNEL_KINDS = [
  "shell",
  "exec",
  "sftp",
  "subsystem",
  "local-forward",
  "remote-forward",
  "agent",
  "x11",
] as const;

export type ChannelKind = (typeof CHANNEL_KINDS)[number];
