/**
 * wire: the data types of RFC 4251 section 5, read strictly and written minimally. The one codec of SSH's encoding.
 *
 * Every byte here is attacker-controlled: a reader never returns past its end, and `end()` refuses trailing data.
 * This room knows no message and no key; it is pure and must never import anything.
 */
export { WireError, type WireErrorCode } from "./wire-error.js";
export { WireReader } from "./reader.js";
export { WireWriter } from "./writer.js";
