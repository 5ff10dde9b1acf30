import { isIPv4, isIPv6 } from "node:net";

/** A host (name, IPv4 or bare IPv6) and a port; written `host:port` or `[v6]:port`. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const HOST_PORT_EXPECTED = "an address such as 10.0.0.5:22, db.example:22 or [::1]:22";

const HOST_PORT = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253})):(0|[1-9]\d{0,4})$/;
const HOST_NAME = /^(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*$/;
const PORT_MAX = 65_535;

/** `host:port` or `[v6]:port`, or undefined for what is neither. The host comes without brackets. Port 0 is let through. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, v6, name = "", digits = ""] = HOST_PORT.exec(text) ?? [];
  const port = Number(digits);
  if (digits === "" || port > PORT_MAX) return undefined;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : undefined;
  return isHost(name) ? { host: name, port } : undefined;
}

/** An IPv4 address or a host name. What ends in digits only is meant as an address, and must be one. */
function isHost(text: string): boolean {
  return isIPv4(text) || (HOST_NAME.test(text) && !/(^|\.)\d+$/.test(text));
}

/** The way it is written in the configuration and in messages. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
