/** What a role allows inside a session: the names of `access`' channel kinds, as control sends them. */
export type Allowed = ReadonlySet<string>;

/** The kind of access that opening a channel needs; `undefined` for what is never let through. */
export function kindOfOpen(openedBy: "client" | "target", type: string): string | undefined {
  if (openedBy === "client") {
    if (type === "session") return "session";
    if (type === "direct-tcpip" || type === "direct-streamlocal@openssh.com") return "local-forward";
    return undefined; // tun@openssh.com and whatever comes: a tunnel that we could not name is not opened
  }
  switch (type) {
    case "forwarded-tcpip":
    case "forwarded-streamlocal@openssh.com":
      return "remote-forward";
    case "x11":
      return "x11";
    case "auth-agent@openssh.com":
    case "agent-connect":
      return "agent";
    default:
      return undefined;
  }
}

/** The kind of access that a client's channel request needs; `undefined` when it needs none. */
export function kindOfRequest(request: string, subsystem: string | undefined): string | undefined {
  switch (request) {
    case "shell":
      return "shell";
    case "exec":
      return "exec";
    case "subsystem":
      return subsystem === "sftp" ? "sftp" : "subsystem";
    case "auth-agent-req@openssh.com":
      return "agent";
    case "x11-req":
      return "x11";
    default:
      return undefined;
  }
}

/** The kind of access that a client's global request needs; `undefined` when it needs none. */
export function kindOfGlobalRequest(request: string): string | undefined {
  switch (request) {
    case "tcpip-forward":
    case "streamlocal-forward@openssh.com":
      return "remote-forward";
    default:
      return undefined;
  }
}

/** Global requests of a target that are about the hop, not the session: its host keys are not the client's business. */
export const hopRequests: ReadonlySet<string> = new Set([
  "hostkeys-00@openssh.com",
  "hostkeys-prove-00@openssh.com",
]);

/** Whether a client may set this environment variable; patterns as in sshd's AcceptEnv (`LC_*`). */
export function mayCarry(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  );
}
