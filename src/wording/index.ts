/**
 * wording: how times, durations, addresses and tables are written for people and read from them, and what was probably
 * meant by a word that is none. Pure, and small: whatever starts a process may import it.
 *
 * Must never: know what the words are about, or import anything but Node's own modules.
 */
export { counted } from "./counted.js";
export { DURATION, DURATION_EXPECTED, formatDuration, parseDuration } from "./duration.js";
export { formatHostPort, HOST_PORT_EXPECTED, parseHostPort, type HostPort } from "./host-port.js";
export { nearest } from "./nearest.js";
export { bytesText, linesText, listText, recordText, table } from "./table.js";
export { spanText, utcText } from "./time.js";
