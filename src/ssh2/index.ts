/**
 * ssh2: the only room that knows the insides of the ssh2 package.
 *
 * It gives a `Transport`: identification, key exchange (hybrid post-quantum included), ciphers and packets of one SSH
 * connection, with every higher message handed over whole; and host keys under host certificates. It must never decide
 * who may do what, and never look into a message above the transport layer.
 */
export { acceptSocket, dial, type ByteChannel, type SocketChannel } from "./byte-channel.js";
export { generateEphemeralKey, hostKeyWithCertificate, plainHostKey, type EphemeralKey } from "./host-key.js";
export type { Ssh2Key } from "./insides.js";
export { disconnectReason, message, openFailureReason } from "./message-numbers.js";
export { releasePacket } from "./packet-memory.js";
export { refusal } from "./refusal.js";
export { checkSsh2, Ssh2MismatchError } from "./self-check.js";
export {
  endSftp,
  Server,
  setNoDelay,
  sftpOpenMode,
  sftpStatus,
  type AuthContext,
  type Connection,
  type ServerChannel,
  type ServerSession,
  type SftpAttributes,
  type SftpEntry,
  type SftpServer,
} from "./server.js";
export { Transport, type RekeyPolicy, type TransportEnd, type TransportHandler } from "./transport.js";
