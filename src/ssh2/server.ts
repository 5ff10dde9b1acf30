import ssh2 from "ssh2";

/**
 * ssh2's own high-level server, for the demo target. The bastion itself relays messages and never uses it: above the
 * message level, ssh2 loses what a bastion must keep.
 */
export const { Server } = ssh2;

/** Numbers of the file transfer protocol, version 3 (draft-ietf-secsh-filexfer-02 sections 6.3 and 7). */
export const { OPEN_MODE: sftpOpenMode, STATUS_CODE: sftpStatus } = ssh2.utils.sftp;

export type {
  Attributes as SftpAttributes,
  AuthContext,
  Connection,
  FileEntry as SftpEntry,
  ServerChannel,
  Session as ServerSession,
  SFTPWrapper as SftpServer,
} from "ssh2";

/** What ssh2 1.17.0's SFTP server has inside: its channel's number, and the protocol object. */
interface SftpInsides {
  readonly outgoing: { readonly id: number; readonly state: string };
  readonly _protocol: { exitStatus(channel: number, status: number): void };
}

/** Sends the exit status and closes. ssh2's SFTP server sends none, and scp takes silence for a failure. */
export function endSftp(sftp: ssh2.SFTPWrapper, status: number): void {
  const { outgoing, _protocol } = sftp as unknown as SftpInsides;
  if (outgoing.state === "open") _protocol.exitStatus(outgoing.id, status);
  sftp.end();
}

/** Turns Nagle's algorithm off; ssh2's types forget the method. */
export function setNoDelay(connection: ssh2.Connection): void {
  (connection as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
}
