/**
 * How much of a command may be under way, each direction, before the other side has taken it: the bound on what a client
 * that never reads, or a command that never does, holds in memory. Twice this, for line ends, is the worst.
 */
export const commandWindowBytes = 64 * 1024;
/** Bytes of a command in one message. */
export const commandPieceBytesMax = 16 * 1024;
/** Longest line of a command, in UTF-16 units; as many bytes at most are taken from a client. */
export const commandLineCharactersMax = 16 * 1024;
