import { framePayloadBytesMax } from "./frame.js";

/** The tag behind a ciphertext. */
export const tagBytes = 16;
/** Frames of one block before sealing: one frame of the longest kind must fit. */
export const plainBytesMax = framePayloadBytesMax + 32;
/** The part of a sealed block after its kind; the longest chunk of a stream block. */
export const blockBodyBytesMax = plainBytesMax + tagBytes;
/** What stands before the body: its length (at most 2^21) and the kind. */
export const blockPrefixBytesMax = 4;
