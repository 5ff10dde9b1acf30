/**
 * keypair: how a new key is made. Every room that needs one makes it here, and nowhere else (test/arch).
 *
 * It keeps no key, does not know what keys are for, and must never import anything.
 */
export { generateKey, type KeyKind } from "./generate-key.js";
